package dev.tokioj.bench.tasks;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Priority;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskWaker;
import dev.tokioj.runtime.Timer;
import dev.tokioj.runtime.TokioJ;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * What tasks and timers cost: on a loop, and on the JDK's scheduler in the same process. Medians of rounds, the first ones for
 * the JIT compilers left out. The scheduler should have one carrier (the script sees to it), as the loop is one thread.
 */
public final class TaskCost {
    private static final int WARM_UP = 4;
    private static final int ROUNDS = 7;
    private static final int WAKES = 200_000;
    private static final int SPAWNS = 200_000;
    private static final int TIMERS = 100_000;
    private static final long WORK_NANOS = 20_000;

    private TaskCost() {}

    /** Measures and prints. */
    public static void main(String[] args) throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(1).build())) {
            if (runtime.placement() != Placement.LOOP) {
                throw new IllegalStateException("tasks cannot run on the loop here: java.lang is not opened");
            }
            report("task wakes task, on one loop, ns", median(() -> pingPong(runtime, Placement.LOOP)));
            report("task wakes task, JDK's scheduler, ns", median(() -> pingPong(runtime, Placement.SHARED)));
            report(
                    "loop's callback wakes task of its own and is answered, ns",
                    median(() -> fromLoop(runtime, Placement.LOOP)));
            report(
                    "loop's callback wakes task of the JDK's scheduler and is answered, ns",
                    median(() -> fromLoop(runtime, Placement.SHARED)));
            report("spawn + run + join on the loop, ns", median(() -> spawns(runtime)));
            report("start + run + join of a virtual thread of the JDK's, ns", median(TaskCost::jdkSpawns));
            urgent(runtime);
            timers(runtime);
        }
    }

    @FunctionalInterface
    private interface Round {
        double run() throws Exception;
    }

    private static double median(Round round) throws Exception {
        double[] all = new double[ROUNDS];
        for (int i = -WARM_UP; i < ROUNDS; i++) {
            double value = round.run();
            if (i >= 0) {
                all[i] = value;
            }
        }
        Arrays.sort(all);
        return all[ROUNDS / 2];
    }

    private static void report(String what, double value) {
        System.out.println(String.format(Locale.ROOT, "%-72s %10.0f", what, value));
    }

    /** Two tasks wake each other in turn; the time of one wake-up. */
    private static double pingPong(AsyncRuntime runtime, Placement placement) throws Exception {
        SpawnOptions options = SpawnOptions.DEFAULT.placement(placement);
        Turn turn = new Turn();
        Task<?> pong = runtime.spawn(options, () -> {
            turn.pong.set(Thread.currentThread());
            for (int i = 0; i < WAKES; i++) {
                turn.await(1);
                turn.give(0, turn.ping);
            }
        });
        Task<Long> ping = runtime.spawn(options, () -> {
            turn.ping.set(Thread.currentThread());
            while (turn.pong.get() == null) {
                Thread.sleep(1);
            }
            long begin = System.nanoTime();
            for (int i = 0; i < WAKES; i++) {
                turn.give(1, turn.pong);
                turn.await(0);
            }
            return System.nanoTime() - begin;
        });
        double nanos = ping.join();
        pong.join();
        return nanos / (2.0 * WAKES);
    }

    private static final class Turn {
        final AtomicReference<Thread> ping = new AtomicReference<>();
        final AtomicReference<Thread> pong = new AtomicReference<>();
        private volatile int whose;

        void await(int mine) {
            while (whose != mine) {
                LockSupport.park(this);
            }
        }

        void give(int to, AtomicReference<Thread> other) {
            whose = to;
            LockSupport.unpark(other.get());
        }
    }

    /** A callback wakes a task, whose answer is the next callback; the time of both. */
    private static double fromLoop(AsyncRuntime runtime, Placement placement) throws Exception {
        EventLoop loop = runtime.loops().get(0);
        int rounds = WAKES / 10;
        CountDownLatch ready = new CountDownLatch(1);
        TaskWaker waker = runtime.createWaker();
        var signal = runtime.loops().get(0).newSignal(waker::wake);
        Task<?> task = runtime.spawn(SpawnOptions.DEFAULT.placement(placement), () -> {
            ready.countDown();
            for (int i = 0; i < rounds; i++) {
                waker.await();
                signal.raise();
            }
        });
        ready.await();
        long begin = System.nanoTime();
        loop.execute(waker::wake);
        task.join();
        return (double) (System.nanoTime() - begin) / rounds;
    }

    private static double spawns(AsyncRuntime runtime) throws Exception {
        return runtime.spawn(() -> {
                    long begin = System.nanoTime();
                    for (int i = 0; i < SPAWNS; i++) {
                        runtime.spawn(() -> 1).join();
                    }
                    return (double) (System.nanoTime() - begin) / SPAWNS;
                })
                .join();
    }

    private static double jdkSpawns() throws Exception {
        double[] nanos = new double[1];
        Thread.ofVirtual()
                .start(() -> {
                    long begin = System.nanoTime();
                    try {
                        for (int i = 0; i < SPAWNS; i++) {
                            Thread.ofVirtual().start(() -> {}).join();
                        }
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    nanos[0] = (double) (System.nanoTime() - begin) / SPAWNS;
                })
                .join();
        return nanos[0];
    }

    /** How long urgent and normal tasks wait to run while normal tasks of 20 us each keep the loop full. */
    private static void urgent(AsyncRuntime runtime) throws Exception {
        long[] normal = new long[2_000];
        long[] urgent = new long[2_000];
        long end = System.nanoTime() + Duration.ofSeconds(6).toNanos();
        Task<?>[] load = new Task<?>[400];
        for (int i = 0; i < load.length; i++) {
            load[i] = runtime.spawn(() -> {
                while (System.nanoTime() < end) {
                    long until = System.nanoTime() + WORK_NANOS;
                    while (System.nanoTime() < until) {
                        Thread.onSpinWait();
                    }
                    TokioJ.yieldNow();
                }
            });
        }
        Thread.sleep(1000); // compiled, and full
        for (int i = 0; i < urgent.length; i++) {
            int at = i;
            urgent[at] = delay(runtime, Priority.URGENT);
            if (at % 10 == 0) {
                normal[at] = delay(runtime, Priority.NORMAL);
            }
            if (System.nanoTime() > end - 500_000_000) {
                urgent = Arrays.copyOf(urgent, at);
                normal = Arrays.copyOf(normal, at);
                break;
            }
        }
        long[] normals = Arrays.stream(normal).filter(nanos -> nanos > 0).toArray();
        report("urgent under saturation, " + urgent.length + " samples: p50 us", percentile(urgent, 50) / 1000.0);
        report("urgent under saturation: p99 us", percentile(urgent, 99) / 1000.0);
        report("normal under saturation, " + normals.length + " samples: p50 us", percentile(normals, 50) / 1000.0);
        report("normal under saturation: p99 us", percentile(normals, 99) / 1000.0);
        for (Task<?> each : load) {
            each.join();
        }
    }

    private static long delay(AsyncRuntime runtime, Priority priority) throws Exception {
        long spawned = System.nanoTime();
        return runtime.spawn(SpawnOptions.DEFAULT.priority(priority), () -> System.nanoTime() - spawned)
                .join();
    }

    /** Arming and disarming one of 100,000; how late those fire that pass within two seconds. */
    private static void timers(AsyncRuntime runtime) throws Exception {
        EventLoop loop = runtime.loops().get(0);
        long[] late = new long[TIMERS];
        int[] fired = {0};
        CountDownLatch all = new CountDownLatch(1);
        Task<Double> armed = runtime.spawn(() -> {
            long now = loop.now();
            for (int i = 0; i < TIMERS; i++) {
                long at = now + 500_000_000L + i * 20_000L;
                loop.newTimer(() -> {
                            late[fired[0]++] = System.nanoTime() - at;
                            if (fired[0] == TIMERS) {
                                all.countDown();
                            }
                        })
                        .arm(at);
            }
            Timer timer = loop.newTimer(() -> {});
            long begin = System.nanoTime();
            for (int i = 0; i < 1_000_000; i++) {
                timer.arm(now + 3_000_000_000L + i);
                timer.disarm();
            }
            return (System.nanoTime() - begin) / 1e6;
        });
        report("arm + disarm with 100,000 armed, ns", armed.join());
        all.await();
        report("timer lateness with 100,000 armed, fired 20 us apart: p50 us", percentile(late, 50) / 1000.0);
        report("timer lateness: p99 us", percentile(late, 99) / 1000.0);
    }

    private static long percentile(long[] values, int percent) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }
}
