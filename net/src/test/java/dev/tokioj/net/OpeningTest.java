package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.DisabledException;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients and servers that cannot be opened: the caller is told, and nothing is left. */
@Timeout(60)
class OpeningTest {
    /** Holds a loop in a callback until it is released. */
    private static CountDownLatch hold(EventLoop loop) throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        loop.execute(() -> {
            held.countDown();
            boolean interrupted = false;
            while (release.getCount() > 0) {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        assertTrue(held.await(20, TimeUnit.SECONDS));
        return release;
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            assertTrue(!Thread.currentThread().isInterrupted());
            Thread.onSpinWait();
        }
    }

    private static List<Thread> logThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("tokioj-qlog"))
                .toList();
    }

    @Test
    void whatTheRuntimeWasStartedWithoutIsSaidAtOnce() throws Exception {
        for (RuntimeConfig.Builder config : List.of(
                RuntimeConfig.builder().enableIo(false), RuntimeConfig.builder().enableTimers(false))) {
            try (AsyncRuntime runtime = AsyncRuntime.start(config.loops(1).build())) {
                assertThrows(
                        DisabledException.class,
                        () -> Echo.client().runtime(runtime).build());
                assertThrows(
                        DisabledException.class,
                        () -> Echo.builder().runtime(runtime).start());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void aRuntimeThatIsClosedIsSaidAtOnce(Poller.Kind kind) throws Exception {
        assumeTrue(kind != Poller.Kind.EPOLL || EpollPoller.isAvailable());
        AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(1).poller(kind).build());
        runtime.close();
        assertThrows(IOException.class, () -> Echo.client().runtime(runtime).build());
        assertThrows(IOException.class, () -> Echo.builder().runtime(runtime).start());
    }

    @Test
    void anInterruptInTheMiddleOfAServersStartLeavesNothing(@TempDir Path logs) throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(2).build())) {
            List<Thread> before = logThreads();
            // The server begins with the loop after this one.
            EventLoop second = runtime.loops().next();
            EventLoop first = runtime.loops().get(1 - second.index());
            CountDownLatch releaseSecond = hold(second);
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread starter = Thread.ofPlatform().start(() -> {
                try {
                    Echo.builder().runtime(runtime).loops(2).qlog(logs).start().close();
                } catch (Throwable e) {
                    failure.complete(e);
                }
            });
            until(() -> second.stats().mailbox() > 0);
            CountDownLatch releaseFirst = hold(first);
            releaseSecond.countDown();
            until(() -> first.stats().mailbox() > 0); // both are open, and the first binds
            List<Thread> opened = new ArrayList<>(logThreads());
            opened.removeAll(before);
            assertEquals(1, opened.size());
            starter.interrupt();
            assertInstanceOf(InterruptedIOException.class, failure.get(20, TimeUnit.SECONDS));
            releaseFirst.countDown();
            assertTrue(opened.getFirst().join(Duration.ofSeconds(20)), "its log goes on");
        }
    }

    @Test
    void aShardWhoseOpenerIsInterruptedIsNotKeptByItsLoop() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(1).build())) {
            EventLoop loop = runtime.loops().get(0);
            CountDownLatch release = hold(loop);
            EndpointConfig config = EndpointConfig.client();
            SecureRandom random = new SecureRandom();
            List<WeakReference<Shard>> opened = new ArrayList<>();
            Thread.currentThread().interrupt();
            assertThrows(
                    InterruptedIOException.class,
                    () -> Shard.open(loop, settings(), config, Shard.Place.alone(config, random), random, shard -> {
                        opened.add(new WeakReference<>(shard));
                        return _ -> null;
                    }));
            assertTrue(Thread.interrupted());
            release.countDown();
            CompletableFuture<Boolean> delivered = new CompletableFuture<>();
            loop.execute(() -> delivered.complete(true));
            assertTrue(delivered.get(20, TimeUnit.SECONDS));
            until(() -> {
                System.gc();
                return opened.getFirst().refersTo(null);
            });
        }
    }

    private static ShardSettings settings() {
        QuicClient.Builder builder = Echo.client();
        return builder.settings(builder.config.build());
    }
}
