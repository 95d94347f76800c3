package dev.tokioj.runtime.net;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.DisabledException;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.SocketTimeoutException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Listening, and many connections. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(120)
class TcpListenerTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Ways ways;
    private AsyncRuntime runtime;
    private TcpListener listener;

    TcpListenerTest(Ways ways) {
        this.ways = ways;
    }

    @BeforeEach
    void listen() throws IOException {
        runtime = ways.start();
        listener = TcpListener.bind(runtime, TcpStreamTest.loopback(0), TcpOptions.DEFAULT);
    }

    @AfterEach
    void end() {
        listener.close();
        runtime.close();
    }

    /** Accepts until the listener is closed, each connection echoed in a task of its own. */
    private Task<Integer> serve() {
        return runtime.spawn(() -> {
            int served = 0;
            try {
                while (true) {
                    TcpStream stream = listener.accept();
                    served++;
                    runtime.spawn(() -> {
                        try (stream) {
                            stream.input().transferTo(stream.output());
                        }
                    });
                }
            } catch (IoClosedException e) {
                return served;
            }
        });
    }

    private static void ask(TcpStream stream, byte what) throws IOException {
        byte[] message = new byte[64];
        java.util.Arrays.fill(message, what);
        stream.write(message);
        int at = 0;
        while (at < message.length) {
            int n = stream.read(message, at, message.length - at, LONG);
            assertTrue(n > 0);
            at += n;
        }
        assertEquals(what, message[63]);
    }

    @Test
    void aLoopThatCannotHaveItDoesNotCostTheConnection() throws Exception {
        try (AsyncRuntime without =
                AsyncRuntime.start(ways.config().enableIo(false).build())) {
            Task<TcpStream> client = runtime.spawn(() -> TcpStream.connect(listener.localAddress(), LONG));
            try (TcpStream near = client.join(LONG)) {
                EventLoop loop = without.loops().get(0);
                assertThrows(DisabledException.class, () -> listener.acceptOn(loop));
                try (TcpStream far = listener.accept(LONG)) {
                    far.write(new byte[1]);
                    assertEquals(1, near.read(new byte[1], 0, 1, LONG));
                }
            }
        }
    }

    @Test
    void aThousandConnectionsAtOnce() throws Exception {
        Task<Integer> server = serve();
        List<Task<TcpStream>> clients = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            byte what = (byte) i;
            clients.add(runtime.spawn(() -> {
                TcpStream stream = TcpStream.connect(listener.localAddress(), LONG);
                ask(stream, what);
                return stream;
            }));
        }
        List<TcpStream> open = new ArrayList<>();
        for (Task<TcpStream> client : clients) {
            open.add(client.join(LONG));
        }
        for (TcpStream stream : open) {
            ask(stream, (byte) 7);
        }
        open.forEach(TcpStream::close);
        listener.close();
        assertEquals(1000, server.join(LONG));
    }

    private static int descriptors() throws IOException {
        int n = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                n += each == null ? 0 : 1;
            }
        }
        return n;
    }

    @Test
    void connectionsLeaveNoDescriptor() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        Task<Integer> server = serve();
        clients(50);
        int before = settled(0);
        // Each that was left open would be one more: ten thousand of them are for the way that is the default.
        clients(ways.poller() == Poller.Kind.EPOLL && ways.placement() == Placement.LOOP ? 10_000 : 1_000);
        int after = settled(before);
        assertTrue(after <= before + 3, before + " descriptors before, " + after + " after");
        listener.close();
        server.join(LONG);
    }

    private void clients(int n) throws Exception {
        List<Task<?>> all = new ArrayList<>();
        for (int k = 0; k < 8; k++) {
            int share = n / 8 + 1;
            all.add(runtime.spawn(() -> {
                for (int i = 0; i < share; i++) {
                    try (TcpStream stream = TcpStream.connect(listener.localAddress(), LONG)) {
                        ask(stream, (byte) i);
                        // The peer's side is the last to close: no port of ours lingers.
                        if (i % 2 == 0) {
                            stream.abort();
                        }
                    }
                }
            }));
        }
        for (Task<?> each : all) {
            each.join(LONG);
        }
    }

    /** The number of descriptors once it is at most this many, or all servers have ended. */
    private int settled(int enough) throws IOException {
        while (runtime.liveTasks() > 1) {
            Thread.onSpinWait();
        }
        // The JDK gives numbers back when its selector has looked once more.
        for (EventLoop loop : runtime.loops()) {
            for (int i = 0; i < 3; i++) {
                long turns = loop.turns();
                loop.execute(() -> {});
                while (loop.turns() == turns) {
                    Thread.onSpinWait();
                }
            }
        }
        int now = descriptors();
        return Math.max(now, enough);
    }

    @Test
    void closeAndInterruptWakeTheAcceptor() throws Exception {
        AtomicReference<Thread> who = new AtomicReference<>();
        Task<Boolean> interrupted = runtime.spawn(() -> {
            who.set(Thread.currentThread());
            assertThrows(InterruptedIOException.class, listener::accept);
            return Thread.interrupted();
        });
        while (who.get() == null || who.get().getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        IllegalStateException second =
                assertThrows(IllegalStateException.class, () -> listener.accept(Duration.ofMillis(10)));
        assertTrue(String.valueOf(second.getMessage()).contains("a second concurrent accept"), second.toString());
        requireNonNull(who.get()).interrupt();
        assertTrue(interrupted.join(LONG));
        assertThrows(SocketTimeoutException.class, () -> listener.accept(Duration.ofMillis(10)));
        Task<TcpStream> next = runtime.spawn(() -> listener.accept());
        try (TcpStream client = TcpStream.connect(runtime, listener.localAddress(), TcpOptions.DEFAULT, LONG);
                TcpStream server = next.join(LONG)) {
            assertEquals(client.localAddress(), server.remoteAddress());
        }
        Task<Integer> served = serve();
        listener.close();
        assertEquals(0, served.join(LONG));
        assertThrows(IoClosedException.class, listener::accept);
    }

    @Test
    void aTakenPortIsRefusedUnlessShared() throws Exception {
        BindException e = assertThrows(
                BindException.class, () -> TcpListener.bind(runtime, listener.localAddress(), TcpOptions.DEFAULT));
        assertTrue(
                String.valueOf(e.getMessage()).contains(listener.localAddress().toString()), e.toString());
        TcpOptions shared = TcpOptions.builder().reusePort(true).build();
        try (TcpListener first = TcpListener.bind(runtime, TcpStreamTest.loopback(0), shared);
                TcpListener second = TcpListener.bind(runtime, first.localAddress(), shared)) {
            assertEquals(first.localAddress(), second.localAddress());
        }
    }

    @Test
    void aConnectionBelongsToTheLoopItIsAcceptedOn() throws Exception {
        EventLoop loop = runtime.loops().get(1);
        Task<TcpStream> accepted = runtime.spawn(() -> listener.acceptOn(loop));
        try (TcpStream client = TcpStream.connect(runtime, listener.localAddress(), TcpOptions.DEFAULT, LONG);
                TcpStream server = accepted.join(LONG)) {
            assertSame(loop, server.loop());
            client.write(new byte[5]);
            assertEquals(5, server.read(new byte[10], 0, 10, LONG));
        }
    }

    @Test
    void aFloodOfConnectionsLeavesTheLoopToOthers() throws Exception {
        assumeTrue(ways.placement() == Placement.LOOP);
        List<TcpStream> flood = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            flood.add(TcpStream.connect(runtime, listener.localAddress(), TcpOptions.DEFAULT, LONG));
        }
        EventLoop loop = runtime.loops().get(0);
        Task<Boolean> acceptor = loop.spawn(SpawnOptions.DEFAULT, () -> {
            AtomicBoolean other = new AtomicBoolean();
            loop.spawn(SpawnOptions.DEFAULT, () -> other.getAndSet(true));
            for (int i = 0; i < flood.size(); i++) {
                listener.accept(LONG).close();
            }
            return other.get();
        });
        assertTrue(acceptor.join(LONG));
        flood.forEach(TcpStream::close);
    }
}
