package dev.tokioj.runtime;

import java.time.Duration;

/**
 * The settings of an {@link AsyncRuntime}. Immutable; made by {@link #builder()} or one of the presets.
 *
 * @param name how its threads are called
 * @param loops how many event loops, 1 to 1024
 * @param poller what they wait with
 * @param fineTimers asks the kernel to end waits to the nanosecond instead of some 50 us late; epoll only
 * @param placement where tasks run unless told otherwise
 * @param maxTasks how many tasks may live at once; a spawn beyond is refused with a {@link
 *     java.util.concurrent.RejectedExecutionException}
 * @param maxTasksPerTick how many runs of tasks, and how many callbacks and timers each, a turn of a loop takes at most
 *     before it looks at the network again
 * @param pollTimeout how long a loop sleeps at most when nothing happens
 * @param spinBeforeSleep how long a loop without work looks around before it sleeps; zero: not at all
 * @param stallThreshold how long one turn may hold its loop before the stall detector reports it; zero: never
 * @param blockingThreads how many threads {@code spawnBlocking} uses at most
 * @param drainTimeout how long {@link AsyncRuntime#close} lets tasks finish by themselves
 * @param cancelTimeout how long it then waits for the cancelled ones, and for the loops
 * @param clock the time of timers, sleeps and deadlines
 */
public record RuntimeConfig(
        String name,
        int loops,
        Poller.Kind poller,
        boolean fineTimers,
        Placement placement,
        int maxTasks,
        int maxTasksPerTick,
        Duration pollTimeout,
        Duration spinBeforeSleep,
        Duration stallThreshold,
        int blockingThreads,
        Duration drainTimeout,
        Duration cancelTimeout,
        Clock clock) {

    /** Checks every setting; the message names the one that is wrong. */
    public RuntimeConfig {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name: must not be blank");
        }
        between("loops", loops, 1, 1024);
        between("maxTasks", maxTasks, 1, Integer.MAX_VALUE);
        between("maxTasksPerTick", maxTasksPerTick, 1, 1 << 20);
        between("blockingThreads", blockingThreads, 1, 1 << 15);
        positive("pollTimeout", pollTimeout);
        notNegative("spinBeforeSleep", spinBeforeSleep);
        notNegative("stallThreshold", stallThreshold);
        notNegative("drainTimeout", drainTimeout);
        positive("cancelTimeout", cancelTimeout);
    }

    /** The defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Many connections, latency before everything: short ticks, so that the network is looked at often. */
    public static Builder ioFocused() {
        return new Builder().maxTasksPerTick(64);
    }

    /** Throughput on cores that belong to it: long ticks, and a spin that saves the sleep while traffic is dense. */
    public static Builder highPerf() {
        return new Builder().maxTasksPerTick(1024).spinBeforeSleep(Duration.ofNanos(26_000));
    }

    private static void between(String setting, int value, int from, int to) {
        if (value < from || value > to) {
            throw new IllegalArgumentException(setting + ": must be " + from + " to " + to + ", is " + value);
        }
    }

    private static void positive(String setting, Duration value) {
        if (value.isZero()) {
            throw new IllegalArgumentException(setting + ": must be more than zero");
        }
        notNegative(setting, value);
    }

    private static void notNegative(String setting, Duration value) {
        if (value.isNegative() || value.compareTo(Duration.ofDays(365)) > 0) {
            throw new IllegalArgumentException(setting + ": must be 0 to 365 days, is " + value);
        }
    }

    /** Builds a {@link RuntimeConfig}. Each default names its reason. */
    public static final class Builder {
        /** Tells the threads of one runtime from the JDK's. */
        private String name = "tokioj";
        /** One a core: a loop never waits for another's work. */
        private int loops = Math.min(Runtime.getRuntime().availableProcessors(), 1024);
        /** The faster one, where it can be had without surprising anybody. */
        private Poller.Kind poller = Poller.Kind.AUTO;
        /** Pacing and probe time-outs are fractions of a millisecond; the price is a few more wake-ups. */
        private boolean fineTimers = true;
        /** What makes priorities mean something and a wake-up cheap. */
        private Placement placement = Placement.LOOP;
        /** A parked task costs 2-3 KB: a few GB at most, and a leak shows before the heap ends. */
        private int maxTasks = 1_000_000;
        /** About 50 us of short runs: less than a kernel buffer of packets takes to fill. */
        private int maxTasksPerTick = 256;
        /** Every wake-up is signalled; should one ever be lost, it shows as a second and not as a hang. */
        private Duration pollTimeout = Duration.ofSeconds(1);
        /** A spinning loop takes a whole core: for those who ask. */
        private Duration spinBeforeSleep = Duration.ZERO;
        /** A peer's probe time-out is commonly 100 ms or more: a longer turn makes it retransmit. */
        private Duration stallThreshold = Duration.ofMillis(500);
        /** Blocking calls wait most of the time; 64 keep a disk and a resolver busy. */
        private int blockingThreads = 64;
        /** Long enough for a request in flight. */
        private Duration drainTimeout = Duration.ofSeconds(5);
        /** An interrupted task only has to run its finally blocks. */
        private Duration cancelTimeout = Duration.ofSeconds(2);
        /** The machine's. */
        private Clock clock = Clock.system();

        private Builder() {}

        /** {@link RuntimeConfig#name()}. */
        public Builder name(String name) {
            this.name = name;
            return this;
        }

        /** {@link RuntimeConfig#loops()}. */
        public Builder loops(int loops) {
            this.loops = loops;
            return this;
        }

        /** {@link RuntimeConfig#poller()}. */
        public Builder poller(Poller.Kind poller) {
            this.poller = poller;
            return this;
        }

        /** {@link RuntimeConfig#fineTimers()}. */
        public Builder fineTimers(boolean fineTimers) {
            this.fineTimers = fineTimers;
            return this;
        }

        /** {@link RuntimeConfig#placement()}. */
        public Builder placement(Placement placement) {
            this.placement = placement;
            return this;
        }

        /** {@link RuntimeConfig#maxTasks()}. */
        public Builder maxTasks(int maxTasks) {
            this.maxTasks = maxTasks;
            return this;
        }

        /** {@link RuntimeConfig#maxTasksPerTick()}. */
        public Builder maxTasksPerTick(int maxTasksPerTick) {
            this.maxTasksPerTick = maxTasksPerTick;
            return this;
        }

        /** {@link RuntimeConfig#pollTimeout()}. */
        public Builder pollTimeout(Duration pollTimeout) {
            this.pollTimeout = pollTimeout;
            return this;
        }

        /** {@link RuntimeConfig#spinBeforeSleep()}. */
        public Builder spinBeforeSleep(Duration spinBeforeSleep) {
            this.spinBeforeSleep = spinBeforeSleep;
            return this;
        }

        /** {@link RuntimeConfig#stallThreshold()}. */
        public Builder stallThreshold(Duration stallThreshold) {
            this.stallThreshold = stallThreshold;
            return this;
        }

        /** {@link RuntimeConfig#blockingThreads()}. */
        public Builder blockingThreads(int blockingThreads) {
            this.blockingThreads = blockingThreads;
            return this;
        }

        /** {@link RuntimeConfig#drainTimeout()}. */
        public Builder drainTimeout(Duration drainTimeout) {
            this.drainTimeout = drainTimeout;
            return this;
        }

        /** {@link RuntimeConfig#cancelTimeout()}. */
        public Builder cancelTimeout(Duration cancelTimeout) {
            this.cancelTimeout = cancelTimeout;
            return this;
        }

        /** {@link RuntimeConfig#clock()}. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * The configuration.
         *
         * @throws IllegalArgumentException naming the setting that is wrong
         */
        public RuntimeConfig build() {
            return new RuntimeConfig(
                    name,
                    loops,
                    poller,
                    fineTimers,
                    placement,
                    maxTasks,
                    maxTasksPerTick,
                    pollTimeout,
                    spinBeforeSleep,
                    stallThreshold,
                    blockingThreads,
                    drainTimeout,
                    cancelTimeout,
                    clock);
        }
    }
}
