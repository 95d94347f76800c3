package dev.tokioj.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The timers of 10,000 connections. In the runtime's package: the wheel is nobody else's. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class TimerWheelBenchmark {
    private static final int TIMERS = 10_000;
    /** A power of two. */
    private static final int DELAYS = 1 << 14;
    /** Loss timers and idle timeouts: 1 ms to 30 s. */
    private static final long SHORTEST = 1_000_000;

    private static final long LONGEST = 30_000_000_000L;

    private final TimerWheel wheel = new TimerWheel(0);
    private final EventLoop loop;
    private final AsyncRuntime runtime;
    private final Timer[] timers = new Timer[TIMERS];
    private final long[] delays = new long[DELAYS];
    private final Consumer<Timer> fire = this::fire;
    private long now;
    private int at;

    /** A timer belongs to a loop, although here none fires on it. */
    public TimerWheelBenchmark() {
        try {
            runtime = AsyncRuntime.start(RuntimeConfig.builder().loops(1).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        loop = runtime.loops().get(0);
    }

    /** Arms all of them. */
    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < DELAYS; i++) {
            delays[i] = random.nextLong(SHORTEST, LONGEST);
        }
        for (int i = 0; i < TIMERS; i++) {
            timers[i] = new Timer(loop, () -> {});
            wheel.arm(timers[i], now + delays[i]);
        }
    }

    /** Stops the loop. */
    @TearDown
    public void tearDown() {
        runtime.close();
    }

    /** A packet came on some connection: its timer moves. */
    @Benchmark
    public long rearm() {
        at++;
        wheel.arm(timers[at % TIMERS], now + delays[at & (DELAYS - 1)]);
        return wheel.nextDeadline();
    }

    /** Ten microseconds pass; what is due fires and is armed again. */
    @Benchmark
    public int advance() {
        now += 10_000;
        return wheel.advance(now, TIMERS, fire);
    }

    private void fire(Timer timer) {
        at++;
        wheel.arm(timer, now + delays[at & (DELAYS - 1)]);
    }
}
