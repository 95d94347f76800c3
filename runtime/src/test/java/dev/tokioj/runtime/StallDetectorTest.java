package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StallDetectorTest {
    private static final Duration THRESHOLD = Duration.ofMillis(50);

    private final BlockingQueue<String> reports = new LinkedBlockingQueue<>();
    private final AtomicBoolean release = new AtomicBoolean();

    private void holdTheLoop() {
        while (!release.get()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aLoggerThatThrowsDoesNotEndTheWatch() throws Exception {
        RuntimeConfig config =
                RuntimeConfig.builder().loops(1).stallThreshold(THRESHOLD).build();
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            EventLoop loop = runtime.loops().get(0);
            StallDetector detector =
                    new StallDetector(config, List.of(loop), new LoopLog(), new UnhandledFailures(), text -> {
                        reports.add(text);
                        throw new IllegalStateException("meant to: this is printed");
                    });
            detector.start();
            for (int i = 0; i < 2; i++) {
                AtomicBoolean goOn = new AtomicBoolean();
                loop.execute(() -> {
                    while (!goOn.get()) {
                        Thread.onSpinWait();
                    }
                });
                assertNotNull(reports.poll(20, TimeUnit.SECONDS));
                long turn = loop.busySince.get();
                goOn.set(true);
                while (loop.busySince.get() == turn) {
                    Thread.onSpinWait(); // the next is to be held in another turn
                }
            }
            detector.stop();
            detector.thread().join();
        }
    }

    /** A second detector on the loops of a runtime, whose reports we read. */
    private String reportOf(Placement placement, boolean task) throws Exception {
        RuntimeConfig config = RuntimeConfig.builder()
                .loops(1)
                .placement(placement)
                .poller(Poller.Kind.NIO)
                .stallThreshold(THRESHOLD)
                .build();
        try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
            List<EventLoop> loops = new ArrayList<>();
            runtime.loops().forEach(loops::add);
            StallDetector detector =
                    new StallDetector(config, loops, new LoopLog(), new UnhandledFailures(), reports::add);
            detector.start();
            EventLoop loop = loops.get(0);
            if (task) {
                loop.spawn(Priority.NORMAL, "busy", AsyncRuntime.valueless(this::holdTheLoop));
            } else {
                loop.execute(this::holdTheLoop);
            }
            String report = ours(20_000);
            assertNotNull(report);
            assertNull(ours(3 * THRESHOLD.toMillis()), "one turn is reported once");
            assertTrue(detector.stalls() >= 1);
            detector.stop();
            detector.thread().join();
            release.set(true);
            return Objects.requireNonNull(report);
        } finally {
            release.set(true);
        }
    }

    /** The next report of our turn: a busy machine may hold others as long. Null: none came within so many milliseconds. */
    private @Nullable String ours(long millis) throws InterruptedException {
        String report;
        do {
            report = reports.poll(millis, TimeUnit.MILLISECONDS);
        } while (report != null && !report.contains("holdTheLoop"));
        return report;
    }

    private static void namesTheCulpritAndTheRemedy(String report) {
        for (String part : List.of("tokioj-loop-0", "holdTheLoop", "Placement.SHARED", "spawnBlocking", "ms by ")) {
            assertTrue(report.contains(part), "no '" + part + "' in: " + report);
        }
    }

    @Test
    void namesACallbackThatHoldsTheLoop() throws Exception {
        String report = reportOf(Placement.SHARED, false);
        namesTheCulpritAndTheRemedy(report);
        assertTrue(report.contains("by a callback"), report);
    }

    @Test
    void namesATaskThatHoldsTheLoop() throws Exception {
        assumeTrue(OnLoopThreads.unavailable() == null);
        String report = reportOf(Placement.LOOP, true);
        namesTheCulpritAndTheRemedy(report);
        assertTrue(report.contains("task 'busy'"), report);
    }
}
