package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.quic.connection.QuicEventListener;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is just beginning when a server is closed ends with it. */
@Timeout(60)
class ServerCloseTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void aHandlerThatBeginsInTheMiddleOfACloseIsCancelled() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        QuicEventListener holding = (_, _, event) -> {
            if (event instanceof QuicEvent.HandshakeComplete) { // told just before the handler begins
                held.countDown();
                awaitQuietly(goOn);
            }
        };
        CompletableFuture<Boolean> ended = new CompletableFuture<>();
        try (AsyncRuntime runtime = AsyncRuntime.start(RuntimeConfig.ioFocused()
                        .loops(1)
                        .drainTimeout(Duration.ZERO)
                        .build());
                QuicServer server = Echo.builder()
                        .runtime(runtime)
                        .closeTimeout(Duration.ofMillis(100))
                        .config(QuicConfig.builder().listener(holding).build())
                        .onConnection(connection -> {
                            try {
                                new CountDownLatch(1).await();
                            } finally {
                                ended.complete(connection.isActive());
                            }
                        })
                        .start();
                QuicConnection connection = Echo.client().connect("localhost", server.port())) {
            held.await();
            Thread closer = Thread.ofPlatform().start(server::close);
            while (closer.getState() != Thread.State.WAITING && closer.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            goOn.countDown();
            assertTrue(closer.join(LONG));
            assertTrue(ended.isDone(), "the server is closed and a handler of it goes on");
            assertTrue(!connection.isActive() || connection.acceptStream() == null);
        } finally {
            goOn.countDown();
        }
    }

    /** It waits for a thread that another holds: nothing of its own says that it has ended. */
    @Test
    void aTaskThatNeverBeginsIsDoneWithBeforeTheConnectionsEnd() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        try (AsyncRuntime runtime = AsyncRuntime.start(
                RuntimeConfig.builder().loops(1).blockingThreads(1).build())) {
            runtime.spawnBlocking(() -> goOn.await());
            Task<?> waits = runtime.spawnBlocking(() -> {});
            ServerLife life = new ServerLife("a server", runtime.clock(), Duration.ZERO);
            AtomicInteger unserved = new AtomicInteger();
            life.remember("key", () -> {}, unserved::incrementAndGet);
            life.started("key", waits);
            AtomicInteger seen = new AtomicInteger();
            life.close(() -> {}, () -> seen.set(unserved.get()), () -> {});
            assertEquals(TaskState.CANCELLED, waits.state());
            assertEquals(1, seen.get());
            assertEquals(1, unserved.get());
            goOn.countDown();
        } finally {
            goOn.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
