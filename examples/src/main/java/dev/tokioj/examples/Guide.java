package dev.tokioj.examples;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Interval;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskGroup;
import dev.tokioj.runtime.TaskWaker;
import dev.tokioj.runtime.TokioJ;
import dev.tokioj.runtime.channel.Channel;
import dev.tokioj.runtime.channel.ChannelClosedException;
import dev.tokioj.runtime.channel.Oneshot;
import dev.tokioj.runtime.channel.Select;
import dev.tokioj.runtime.net.TcpListener;
import dev.tokioj.runtime.net.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * What TokioZ's guide shows, with this runtime: tasks and priorities, time, channels and select, wakers, TCP, statistics. Each
 * method is one snippet; {@link #main} runs them all.
 */
public final class Guide {
    private Guide() {}

    /** Runs every snippet and prints what came of it. */
    public static void main(String[] args) throws Exception {
        TokioJ.runIoFocused(() -> {
            IO.println(tasks());
            IO.println(structure());
            IO.println(time());
            IO.println(channels());
            IO.println(select());
            IO.println(wakers());
            IO.println(echo());
            IO.println(statistics());
        });
        IO.println(inTheHand());
    }

    /** spawn, spawnUrgent, spawnBackground, spawnAsync, spawnCompute. */
    static String tasks() throws Exception {
        Task<Integer> urgent = TokioJ.spawnUrgent(() -> 1);
        Task<Integer> background = TokioJ.spawnBackground(() -> 2);
        CompletableFuture<Integer> async = TokioJ.spawnAsync(() -> 4);
        Task<Integer> computed = TokioJ.spawnCompute(() -> 8);
        TokioJ.yieldNow(); // the others may run first
        int sum = urgent.join() + background.join(Duration.ofSeconds(5)) + TokioJ.await(async) + computed.join();
        return "tasks: " + sum;
    }

    /** Nothing outlives its block. */
    static String structure() throws Exception {
        try (TaskGroup group = TaskGroup.failFast()) {
            Task<String> a = group.spawn(() -> "both");
            Task<String> b = group.spawn(() -> "ended");
            group.join();
            return "structure: " + a.result() + " " + b.result();
        }
    }

    /** sleep, interval, timeout. */
    static String time() throws Exception {
        Interval beat = TokioJ.interval(Duration.ofMillis(1));
        long beats = 0;
        while (beats < 3) {
            beats += beat.await();
        }
        try {
            TokioJ.timeout(Duration.ofMillis(2), () -> TokioJ.sleep(Duration.ofMinutes(1)));
            return "time: never";
        } catch (TimeoutException e) {
            return "time: it was cut short";
        }
    }

    /** A bounded channel: who sends waits while it is full. */
    static String channels() throws Exception {
        Channel<Integer> packets = Channel.bounded(2);
        try (TaskGroup group = TaskGroup.failFast()) {
            group.spawn(() -> {
                for (int i = 1; i <= 100; i++) {
                    packets.send(i);
                }
                packets.close();
            });
            Task<Integer> sum = group.spawn(() -> {
                int total = 0;
                try {
                    while (true) {
                        total += packets.receive();
                    }
                } catch (ChannelClosedException e) {
                    return total; // everything that was sent has been received
                }
            });
            group.join();
            return "channels: " + sum.result();
        }
    }

    /** The first of several things; the others lose nothing. */
    static String select() throws Exception {
        Channel<String> packets = Channel.unbounded();
        Oneshot<String> answer = new Oneshot<>();
        TokioJ.spawn(() -> answer.send("answered"));
        return "select: "
                + Select.<String>on(
                        Select.receive(packets, packet -> packet),
                        Select.receive(answer, value -> value),
                        Select.after(Duration.ofSeconds(5), () -> "silence"));
    }

    /** Something that any thread can wake. */
    static String wakers() throws Exception {
        TaskWaker waker = TokioJ.createWaker();
        Thread.ofPlatform().start(waker::wake);
        waker.await();
        return "wakers: woken";
    }

    /** TCP: a listener, a task for each connection. */
    static String echo() throws Exception {
        try (TcpListener listener = TcpListener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Task<?> server = TokioJ.spawn(() -> {
                try (TcpStream accepted = listener.accept()) {
                    accepted.input().transferTo(accepted.output());
                    accepted.shutdownOutput();
                }
            });
            try (TcpStream stream = TcpStream.connect(listener.localAddress(), Duration.ofSeconds(5))) {
                stream.output().write("echo".getBytes(StandardCharsets.US_ASCII));
                stream.shutdownOutput();
                String back = new String(stream.input().readAllBytes(), StandardCharsets.US_ASCII);
                server.join();
                return "tcp: " + back;
            }
        }
    }

    /** What the runtime has done so far. */
    static String statistics() {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            throw new IllegalStateException("outside a runtime");
        }
        return "statistics: tasks were " + (runtime.stats().tasksSpawned() > 0 ? "spawned" : "not spawned");
    }

    /** The same without the façade: a runtime as an object, with settings. */
    static String inTheHand() throws IOException {
        List<String> said = new ArrayList<>();
        RuntimeConfig config = RuntimeConfig.ioFocused().name("guide").loops(2).build();
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            Task<String> task = runtime.spawn("hello", () -> "from a runtime in the hand");
            said.add(task.join());
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return "in the hand: " + said.getFirst();
    }
}
