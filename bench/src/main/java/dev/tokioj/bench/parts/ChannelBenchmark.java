package dev.tokioj.bench.parts;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Priority;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From one thread to another: our channel into a task on a loop, beside Netty's {@code execute} on its event loop and the JDK's {@code
 * ArrayBlockingQueue}. An operation is one element of a row of 100,000, of which the end is waited for.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChannelBenchmark {
    private static final int ROW = 100_000;
    private static final int CAPACITY = 1024;
    private static final int BATCH = 256;
    private static final Integer ELEMENT = 1;

    private final Channel<Integer> one = Channel.bounded(CAPACITY);
    private final Channel<Integer> batched = Channel.bounded(CAPACITY);
    private final Channel<Integer> unbounded = Channel.unbounded();
    private final Channel<Integer> go = Channel.bounded(1);
    private final ArrayBlockingQueue<Integer> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final Semaphore done = new Semaphore(0);
    private final Runnable count = this::count;
    private @Nullable AsyncRuntime runtime;
    private @Nullable MultiThreadIoEventLoopGroup netty;
    private @Nullable Thread taker;
    /** The Netty loop's. */
    private int counted;

    /** Receivers on the first loop, a sender on the second. */
    @Setup(Level.Trial)
    public void setUp() throws Exception {
        AsyncRuntime started =
                AsyncRuntime.start(RuntimeConfig.builder().loops(2).build());
        runtime = started;
        EventLoop loop = started.loops().get(0);
        loop.spawn(Priority.NORMAL, "one by one", () -> {
            for (int n = 1; one.receiveOrNull() != null; n++) {
                if (n % ROW == 0) {
                    done.release();
                }
            }
            return true;
        });
        for (Channel<Integer> channel : List.of(batched, unbounded)) {
            loop.spawn(Priority.NORMAL, "in batches", () -> takeBatches(channel));
        }
        started.loops().get(1).spawn(Priority.NORMAL, "sender", () -> {
            while (go.receiveOrNull() != null) {
                for (int i = 0; i < ROW; i++) {
                    batched.send(ELEMENT);
                }
            }
            return true;
        });
        netty = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        taker = Thread.ofPlatform().daemon().start(this::takeFromQueue);
    }

    private boolean takeBatches(Channel<Integer> channel) throws InterruptedException {
        List<Integer> batch = new ArrayList<>();
        int left = ROW;
        while (channel.receiveAll(batch, Math.min(left, BATCH)) > 0) {
            left -= batch.size();
            batch.clear();
            if (left == 0) {
                left = ROW;
                done.release();
            }
        }
        return true;
    }

    private void takeFromQueue() {
        try {
            for (int n = 1; ; n++) {
                queue.take();
                if (n % ROW == 0) {
                    done.release();
                }
            }
        } catch (InterruptedException e) {
            // The end.
        }
    }

    private void count() {
        if (++counted % ROW == 0) {
            done.release();
        }
    }

    /** Ends them all. */
    @TearDown(Level.Trial)
    public void tearDown() throws InterruptedException {
        for (Channel<Integer> channel : List.of(one, batched, unbounded, go)) {
            channel.close();
        }
        if (runtime != null) {
            runtime.close();
        }
        if (taker != null) {
            taker.interrupt();
        }
        if (netty != null) {
            netty.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    /** A platform thread sends; the task takes one at a time. */
    @Benchmark
    @OperationsPerInvocation(ROW)
    public void threadToLoop() throws InterruptedException {
        sendRow(one);
    }

    /** A platform thread sends; the task takes what there is. */
    @Benchmark
    @OperationsPerInvocation(ROW)
    public void threadToLoopInBatches() throws InterruptedException {
        sendRow(batched);
    }

    /** The same, unbounded. */
    @Benchmark
    @OperationsPerInvocation(ROW)
    public void threadToLoopUnbounded() throws InterruptedException {
        sendRow(unbounded);
    }

    private void sendRow(Channel<Integer> channel) throws InterruptedException {
        for (int i = 0; i < ROW; i++) {
            channel.send(ELEMENT);
        }
        done.acquire();
    }

    /** A task on the second loop sends; the task on the first takes what there is. */
    @Benchmark
    @OperationsPerInvocation(ROW)
    public void loopToLoopInBatches() throws InterruptedException {
        go.send(ELEMENT);
        done.acquire();
    }

    /** Netty: a platform thread gives its event loop something to run. */
    @Benchmark
    @OperationsPerInvocation(ROW)
    public void nettyExecute() throws InterruptedException {
        MultiThreadIoEventLoopGroup group = netty;
        if (group == null) {
            throw new IllegalStateException("not set up");
        }
        var loop = group.next();
        for (int i = 0; i < ROW; i++) {
            loop.execute(count);
        }
        done.acquire();
    }

    /** The JDK: from one platform thread to another. */
    @Benchmark
    @OperationsPerInvocation(ROW)
    public void arrayBlockingQueue() throws InterruptedException {
        for (int i = 0; i < ROW; i++) {
            queue.put(ELEMENT);
        }
        done.acquire();
    }
}
