package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class RuntimeEventsTest {
    private final Combination combination;

    @TempDir
    Path directory;

    RuntimeEventsTest(Combination combination) {
        this.combination = combination;
    }

    private interface Work {
        void in(AsyncRuntime runtime) throws Exception;
    }

    /** The events of this name that the work made; its runtime is closed before the recording is. */
    private List<RecordedEvent> record(String event, RuntimeConfig.Builder config, Work work) throws Exception {
        Path file = directory.resolve("recording.jfr");
        try (Recording recording = new Recording()) {
            recording.enable(event).withThreshold(Duration.ZERO);
            recording.start();
            try (AsyncRuntime runtime = AsyncRuntime.start(config.build())) {
                work.in(runtime);
            }
            recording.stop();
            recording.dump(file);
        }
        return RecordingFile.readAllEvents(file).stream()
                .filter(e -> e.getEventType().getName().equals(event))
                .toList();
    }

    @Test
    void aTaskWithItsNameItsTimesAndItsOutcome() throws Exception {
        List<RecordedEvent> events = record("dev.tokioj.Task", combination.config(), runtime -> {
            Task<?> outer = runtime.spawn(SpawnOptions.DEFAULT.named("outer").priority(Priority.URGENT), () -> {
                TokioJ.sleep(Duration.ofMillis(20));
                return TokioJ.spawn("inner", () -> 7).join();
            });
            outer.join();
            Task<?> failing = runtime.spawn("failing", () -> {
                throw new IllegalStateException("meant to fail");
            });
            try {
                failing.join();
            } catch (IllegalStateException e) {
                assertEquals("meant to fail", e.getMessage());
            }
        });
        assertEquals(3, events.size(), events::toString);
        RecordedEvent outer = named(events, "outer");
        RecordedEvent inner = named(events, "inner");
        assertEquals(outer.getLong("task"), inner.getLong("parent"));
        assertEquals("URGENT", outer.getString("priority"));
        assertEquals("SUCCEEDED", outer.getString("outcome"));
        assertEquals("FAILED", named(events, "failing").getString("outcome"));
        assertTrue(outer.getDuration().toMillis() >= 20, outer::toString);
        assertTrue(inner.getDuration("queueTime").toNanos() > 0, inner::toString);
        assertTrue(inner.getDuration("queueTime").compareTo(Duration.ofSeconds(20)) < 0, inner::toString);
        assertEquals(combination.onLoop() ? "LOOP" : "SHARED", outer.getString("placement"));
        assertEquals(
                combination.onLoop(), String.valueOf(outer.getString("loop")).startsWith("tokioj-loop-"));
    }

    private static RecordedEvent named(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(e -> name.equals(e.getString("name")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aStallWithTheStackOfWhatRuns() throws Exception {
        List<RecordedEvent> events =
                record("dev.tokioj.Stall", combination.config().stallThreshold(Duration.ofMillis(100)), runtime -> {
                    CountDownLatch done = new CountDownLatch(1);
                    EventLoop loop = runtime.loops().get(0);
                    long before = loop.stats().stalls();
                    Runnable hold = () -> holdTheLoop(loop, before, done);
                    if (combination.onLoop()) {
                        loop.spawn(Priority.NORMAL, "greedy", AsyncRuntime.valueless(hold::run));
                    } else {
                        loop.execute(hold);
                    }
                    done.await();
                });
        // A busy machine may hold other turns as long.
        List<RecordedEvent> ours = events.stream()
                .filter(e -> String.valueOf(e.getString("report")).contains("holdTheLoop"))
                .toList();
        assertEquals(1, ours.size(), events::toString);
        RecordedEvent stall = ours.get(0);
        assertTrue(String.valueOf(stall.getString("loop")).startsWith("tokioj-loop-"));
        assertTrue(stall.getDuration("heldFor").toMillis() >= 100);
        String heldBy = String.valueOf(stall.getString("heldBy"));
        assertTrue(heldBy.contains(combination.onLoop() ? "task 'greedy'" : "a callback"), heldBy);
        String report = String.valueOf(stall.getString("report"));
        for (String part : List.of("holdTheLoop", "Placement.SHARED", "spawnBlocking", heldBy)) {
            assertTrue(report.contains(part), report);
        }
    }

    private static void holdTheLoop(EventLoop loop, long stalls, CountDownLatch done) {
        while (loop.stats().stalls() == stalls) {
            Thread.onSpinWait();
        }
        done.countDown();
    }

    @Test
    void aTimerThatFiresLate() throws Exception {
        List<RecordedEvent> events = record("dev.tokioj.TimerLateness", combination.config(), runtime -> {
            EventLoop loop = runtime.loops().get(0);
            CompletableFuture<Void> fired = new CompletableFuture<>();
            loop.execute(() -> {
                loop.newTimer(() -> {}).arm(loop.now() + 60_000_000_000L);
                loop.newTimer(() -> fired.complete(null)).arm(loop.now() + 1_000_000);
                long start = System.nanoTime();
                while (System.nanoTime() - start < 40_000_000) {
                    Thread.onSpinWait();
                }
            });
            fired.get(20, TimeUnit.SECONDS);
        });
        assertEquals(1, events.size(), events::toString);
        assertEquals("tokioj-loop-0", events.get(0).getString("loop"));
        assertTrue(events.get(0).getDuration("lateness").toMillis() >= 38, events::toString);
    }

    @Test
    void aPollWithItsWait() throws Exception {
        List<RecordedEvent> events =
                record("dev.tokioj.Poll", combination.config().loops(1).pollTimeout(Duration.ofSeconds(1)), runtime -> {
                    EventLoop loop = runtime.loops().get(0);
                    CompletableFuture<Void> fired = new CompletableFuture<>();
                    loop.execute(() -> loop.newTimer(() -> fired.complete(null)).arm(loop.now() + 500_000_000));
                    fired.get(20, TimeUnit.SECONDS);
                });
        RecordedEvent longest = events.stream()
                .max((a, b) -> a.getDuration().compareTo(b.getDuration()))
                .orElseThrow();
        assertEquals("tokioj-loop-0", longest.getString("loop"));
        assertEquals(0, longest.getInt("events"));
        assertTrue(longest.getDuration("timeout").compareTo(Duration.ofSeconds(2)) < 0, longest::toString);
        assertTrue(
                events.stream()
                        .anyMatch(e -> e.getDuration().toMillis() >= 20
                                && e.getDuration("timeout").toMillis() <= 500),
                events::toString);
    }
}
