package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.LoopLogger;
import java.util.ResourceBundle;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is logged on a loop leaves it by the runtime's queue, also what {@code quic} says, which does not know the runtime. */
@Timeout(60)
class LoopLinesTest {
    /** How many lines the queue takes. */
    private static final int BOUND = 1024;

    /** A destination that keeps the thread that writes the lines. */
    private static final class Gate implements System.Logger {
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);

        @Override
        public String getName() {
            return "gate";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String text, @Nullable Throwable thrown) {
            reached.countDown();
            try {
                opened.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String text, @Nullable Object... params) {
            log(level, bundle, text, (Throwable) null);
        }
    }

    private static void onLoop(EventLoop loop, Runnable body) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        loop.execute(() -> {
            body.run();
            done.countDown();
        });
        done.await();
    }

    /** The queue is full: what is said now is dropped and counted, if it goes there, and nobody waits for the writer. */
    @ParameterizedTest
    @EnumSource(Combination.class)
    void theLinesOfQuicAndNetGoByTheQueue(Combination combination) throws Exception {
        Gate gate = new Gate();
        System.Logger logger = LoopLogger.of(gate);
        try (AsyncRuntime runtime = combination.start();
                QuicServer server = Echo.start()) {
            EventLoop loop = runtime.loops().get(0);
            onLoop(loop, () -> logger.log(System.Logger.Level.INFO, "holds the writer"));
            gate.reached.await();
            onLoop(loop, () -> {
                for (int i = 0; i < BOUND; i++) {
                    logger.log(System.Logger.Level.INFO, "fills the queue");
                }
            });
            assertEquals(0, runtime.stats().logLinesDropped());

            onLoop(loop, () -> Shard.LOG.log(System.Logger.Level.WARNING, "said by net"));
            assertEquals(1, runtime.stats().logLinesDropped());

            QuicConfig failing = QuicConfig.builder()
                    .listener((now, connection, event) -> {
                        if (event instanceof QuicEvent.HandshakeComplete) {
                            throw new IllegalStateException("meant to fail");
                        }
                    })
                    .build();
            QuicClient.Builder client = Echo.client().runtime(runtime).config(failing);
            try (QuicConnection connection = client.connect("localhost", server.port())) {
                assertEquals("echo", connection.alpn());
            }
            assertEquals(2, runtime.stats().logLinesDropped());
            gate.opened.countDown();
        } finally {
            gate.opened.countDown();
        }
    }
}
