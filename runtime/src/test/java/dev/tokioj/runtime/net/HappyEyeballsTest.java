package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.PausedClock;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskWaker;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** RFC 8305 on a paused clock: which addresses are tried, when, and what becomes of them. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class HappyEyeballsTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final InetAddress SIX_A = InetAddress.ofLiteral("2001:db8::1");
    private static final InetAddress SIX_B = InetAddress.ofLiteral("2001:db8::2");
    private static final InetAddress FOUR_A = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress FOUR_B = InetAddress.ofLiteral("192.0.2.2");

    private final Ways ways;
    private final PausedClock clock = Clock.paused();
    private final LinkedBlockingQueue<InetAddress> tried = new LinkedBlockingQueue<>();
    private final Map<InetAddress, TaskWaker> connected = new ConcurrentHashMap<>();
    private final List<InetAddress> refusing = Collections.synchronizedList(new java.util.ArrayList<>());
    private final LinkedBlockingQueue<TcpStream> made = new LinkedBlockingQueue<>();
    private AsyncRuntime runtime;
    private AsyncRuntime real;
    private TcpListener listener;

    HappyEyeballsTest(Ways ways) {
        this.ways = ways;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(ways.config().clock(clock).build());
        real = ways.start();
        listener = TcpListener.bind(real, TcpStreamTest.loopback(0), TcpOptions.DEFAULT);
    }

    @AfterEach
    void end() {
        listener.close();
        real.close();
        runtime.close();
    }

    /** An address that answers when its waker is woken, with a connection to our listener; or refuses at once. */
    private TcpStream attempt(AsyncRuntime on, InetSocketAddress remote, TcpOptions options, Duration timeout)
            throws IOException {
        assertTrue(timeout.compareTo(Duration.ofMinutes(1)) <= 0);
        InetAddress address = remote.getAddress();
        tried.add(address);
        if (refusing.contains(address)) {
            throw new ConnectException("refused by " + remote);
        }
        try {
            connected.computeIfAbsent(address, a -> new TaskWaker()).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        TcpStream stream = TcpStream.connect(on, listener.localAddress(), options, LONG);
        made.add(stream);
        return stream;
    }

    private Task<TcpStream> connecting(InetAddress... addresses) {
        HappyEyeballs eyes = new HappyEyeballs(runtime, (host, timeout) -> List.of(addresses), this::attempt);
        return runtime.spawn(() -> eyes.connect("example.org", 443, TcpOptions.DEFAULT, Duration.ofMinutes(1)));
    }

    private InetAddress nextTried() throws InterruptedException {
        return tried.poll(20, TimeUnit.SECONDS);
    }

    private void answer(InetAddress address) {
        connected.computeIfAbsent(address, a -> new TaskWaker()).wake();
    }

    @Test
    void familiesTakeTurns() {
        assertEquals(
                List.of(SIX_A, FOUR_A, SIX_B, FOUR_B),
                HappyEyeballs.interleaved(List.of(SIX_A, SIX_B, FOUR_A, FOUR_B)));
        assertEquals(List.of(FOUR_A, SIX_A, FOUR_B), HappyEyeballs.interleaved(List.of(FOUR_A, FOUR_B, SIX_A)));
        assertEquals(List.of(), HappyEyeballs.interleaved(List.of()));
    }

    @Test
    void theNextStartsAfter250MillisecondsAndTheFirstToAnswerWins() throws Exception {
        Task<TcpStream> task = connecting(SIX_A, SIX_B, FOUR_A);
        assertEquals(SIX_A, nextTried());
        clock.advance(Duration.ofMillis(249));
        settle();
        assertTrue(tried.isEmpty());
        // A timer is never early and up to a tick of the wheel late.
        clock.advance(Duration.ofMillis(2));
        assertEquals(FOUR_A, nextTried());
        clock.advance(Duration.ofMillis(252));
        assertEquals(SIX_B, nextTried());
        answer(FOUR_A);
        try (TcpStream won = task.join(LONG)) {
            assertEquals(made.poll(20, TimeUnit.SECONDS), won);
            assertEquals(listener.localAddress(), won.remoteAddress());
        }
        awaitNoTasks();
        assertTrue(made.isEmpty());
    }

    @Test
    void aFailureStartsTheNextAtOnce() throws Exception {
        refusing.addAll(List.of(SIX_A, FOUR_A));
        Task<TcpStream> task = connecting(SIX_A, SIX_B, FOUR_A);
        assertEquals(SIX_A, nextTried());
        assertEquals(FOUR_A, nextTried());
        assertEquals(SIX_B, nextTried());
        answer(SIX_B);
        task.join(LONG).close();
    }

    @Test
    void aLateWinnerIsClosed() throws Exception {
        Task<TcpStream> task = connecting(SIX_A, FOUR_A);
        assertEquals(SIX_A, nextTried());
        clock.advance(Duration.ofMillis(252));
        assertEquals(FOUR_A, nextTried());
        answer(SIX_A);
        answer(FOUR_A);
        TcpStream won = task.join(LONG);
        awaitNoTasks();
        for (TcpStream each : made) {
            if (each != won) {
                assertThrows(IoClosedException.class, () -> each.read(new byte[1], 0, 1));
            }
        }
        won.close();
    }

    @Test
    void allFailuresAreTold() {
        refusing.addAll(List.of(SIX_A, SIX_B, FOUR_A));
        ConnectException e = assertThrows(
                ConnectException.class, () -> connecting(SIX_A, SIX_B, FOUR_A).join(LONG));
        assertTrue(String.valueOf(e.getMessage()).contains("2001:db8:0:0:0:0:0:1"), e.toString());
        assertEquals(2, e.getSuppressed().length);
        assertThrows(UnknownHostException.class, () -> connecting().join(LONG));
    }

    /** The clock is paused: at the deadline nobody would see it. */
    @Test
    void anErrorInAnAttemptIsAFailureOfItsToo() throws Exception {
        Error cause = new LinkageError("meant to");
        HappyEyeballs eyes = new HappyEyeballs(runtime, (host, timeout) -> List.of(SIX_A), (_, _, _, _) -> {
            throw cause;
        });
        Task<TcpStream> task =
                runtime.spawn(() -> eyes.connect("example.org", 443, TcpOptions.DEFAULT, Duration.ofMinutes(1)));
        ExecutionException e = assertThrows(
                ExecutionException.class, () -> task.toCompletableFuture().get(20, TimeUnit.SECONDS));
        assertSame(cause, assertInstanceOf(IOException.class, e.getCause()).getCause());
    }

    @Test
    void theTimeoutAndACancelEndEveryAttempt() throws Exception {
        Task<TcpStream> task = connecting(SIX_A);
        assertEquals(SIX_A, nextTried());
        settle();
        clock.advance(Duration.ofMinutes(2));
        assertThrows(SocketTimeoutException.class, () -> task.join());
        awaitNoTasks();
        Task<TcpStream> cancelled = connecting(FOUR_A);
        assertEquals(FOUR_A, nextTried());
        cancelled.cancel();
        assertThrows(Exception.class, () -> cancelled.join());
        awaitNoTasks();
    }

    @Test
    void byNameThroughTheSystemsResolver() throws Exception {
        Task<TcpStream> accepted = real.spawn(() -> listener.accept(LONG));
        int port = listener.localAddress().getPort();
        try (TcpStream client = real.spawn(() -> TcpStream.connect("localhost", port, LONG))
                        .join(LONG);
                TcpStream server = accepted.join(LONG)) {
            assertEquals(client.localAddress(), server.remoteAddress());
        }
        Resolver resolver = Resolver.system(real);
        assertEquals(List.of(FOUR_A), resolver.resolve("192.0.2.1", LONG));
        assertTrue(Stream.of(InetAddress.getAllByName("localhost"))
                .toList()
                .containsAll(resolver.resolve("localhost", LONG)));
        assertThrows(UnknownHostException.class, () -> resolver.resolve("no.such.name.invalid", LONG));
    }

    @Test
    void aResolverThatHangsEndsInTimeAndNeverHoldsALoop() throws Exception {
        try (AsyncRuntime small =
                AsyncRuntime.start(ways.config().blockingThreads(1).build())) {
            TaskWaker free = new TaskWaker();
            Task<?> hog = small.spawnBlocking(() -> free.await());
            Task<?> asking = small.spawn(() -> Resolver.system(small).resolve("localhost", Duration.ofMillis(30)));
            for (EventLoop loop : small.loops()) {
                TaskWaker alive = new TaskWaker();
                loop.execute(alive::wake);
                alive.await(LONG);
            }
            assertInstanceOf(SocketTimeoutException.class, assertThrows(Exception.class, () -> asking.join(LONG)));
            free.wake();
            hog.join(LONG);
        }
    }

    /** Every loop and task has come to rest. */
    private void settle() throws Exception {
        for (int i = 0; i < 20; i++) {
            for (EventLoop loop : runtime.loops()) {
                TaskWaker done = new TaskWaker();
                loop.execute(done::wake);
                done.await(LONG);
            }
            runtime.spawn(() -> {}).join(LONG);
        }
    }

    private void awaitNoTasks() {
        while (runtime.liveTasks() > 0) {
            Thread.onSpinWait();
        }
    }
}
