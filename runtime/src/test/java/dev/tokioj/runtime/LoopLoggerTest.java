package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.time.Duration;
import java.util.ResourceBundle;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class LoopLoggerTest {
    private final Combination combination;
    private final Destination destination = new Destination();
    private final System.Logger logger = LoopLogger.of(destination);

    LoopLoggerTest(Combination combination) {
        this.combination = combination;
    }

    private record Line(
            Thread thread, String text, @Nullable Throwable thrown) {}

    private static final class Destination implements System.Logger {
        final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch gate = new CountDownLatch(1);

        @Override
        public String getName() {
            return "destination";
        }

        @Override
        public boolean isLoggable(Level level) {
            return level.getSeverity() >= Level.INFO.getSeverity();
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            reached.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            lines.add(new Line(Thread.currentThread(), String.valueOf(message), thrown));
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, @Nullable Object... params) {
            log(level, bundle, java.text.MessageFormat.format(String.valueOf(format), params), (Throwable) null);
        }
    }

    private Line next() throws InterruptedException {
        Line line = destination.lines.poll(20, TimeUnit.SECONDS);
        assertNotNull(line);
        return line;
    }

    /** The destination waits at its gate, and the loop goes on. */
    @Test
    void onALoopTheLineLeavesByTheQueue() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            IllegalStateException cause = new IllegalStateException();
            CountDownLatch passed = new CountDownLatch(2);
            EventLoop loop = runtime.loops().get(0);
            loop.execute(() -> {
                logger.log(System.Logger.Level.DEBUG, "not loggable");
                logger.log(System.Logger.Level.WARNING, "{0} of {1}", 1, "two");
                logger.log(System.Logger.Level.ERROR, "a {0} of an exception's text stays", cause);
                logger.log(System.Logger.Level.INFO, () -> "made only if it is wanted");
                passed.countDown();
            });
            loop.execute(passed::countDown);
            passed.await();
            destination.gate.countDown();
            Line first = next();
            assertEquals("1 of two", first.text);
            assertEquals("tokioj-watch", first.thread.getName());
            Line second = next();
            assertEquals("a {0} of an exception's text stays", second.text);
            assertSame(cause, second.thrown);
            assertEquals("made only if it is wanted", next().text);
        }
    }

    /** A logger that throws or waits would end or hold the closing: what is said there goes by the queue, which is full here. */
    @Test
    void whoClosesLeavesItToTheQueueToo() throws Exception {
        AsyncRuntime runtime = AsyncRuntime.start(combination
                .config()
                .drainTimeout(Duration.ZERO)
                .cancelTimeout(Duration.ofMillis(100))
                .build());
        CountDownLatch entered = new CountDownLatch(1);
        Task<?> stubborn = runtime.spawnBlocking(() -> {
            entered.countDown();
            while (destination.gate.getCount() > 0) {
                Thread.interrupted();
                LockSupport.parkNanos(1_000_000);
            }
        });
        entered.await();
        runtime.log().add(destination, System.Logger.Level.INFO, "holds the writer", null);
        destination.reached.await();
        for (int i = 0; i < 1024; i++) {
            runtime.log().add(destination, System.Logger.Level.INFO, "fills the queue", null);
        }
        assertEquals(0, runtime.log().dropped());
        runtime.close();
        assertNotEquals(0, runtime.log().dropped());
        destination.gate.countDown();
        stubborn.join();
    }

    @Test
    void aTaskOnALoopLeavesItToTheQueueAndOneBesideItDoesNot() throws Exception {
        destination.gate.countDown();
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            Thread task = runtime.spawn(() -> {
                        logger.log(System.Logger.Level.INFO, "said in a task");
                        return Thread.currentThread();
                    })
                    .join();
            Line line = next();
            assertEquals("said in a task", line.text);
            assertEquals(combination.onLoop(), line.thread != task);
        }
    }

    @Test
    void offTheLoopsItIsTheLoggerItself() throws Exception {
        destination.gate.countDown();
        logger.log(System.Logger.Level.WARNING, "said {0}", "directly");
        Line line = next();
        assertEquals("said directly", line.text);
        assertSame(Thread.currentThread(), line.thread);
        assertNull(line.thrown);
        assertEquals("destination", logger.getName());
    }

    /** What is said when the writer has gone is written by who says it. */
    @Test
    void afterTheEndItIsWrittenAtOnce() throws Exception {
        destination.gate.countDown();
        AsyncRuntime runtime = AsyncRuntime.start(combination.config().build());
        runtime.close();
        runtime.loops().get(0).execute(() -> logger.log(System.Logger.Level.INFO, "late"));
        assertEquals("late", next().text);
    }
}
