package dev.tokioj.runtime;

import dev.tokioj.runtime.settings.Check;
import java.time.Duration;
import java.util.List;

/**
 * The settings of an {@link AsyncRuntime}. Immutable; made by {@link #builder()} or one of the presets.
 *
 * @param name how its threads are called
 * @param loops how many event loops, 1 to 1024
 * @param cpus the processors that loops are pinned to, in turn (loop {@code i} to {@code cpus.get(i % cpus.size())}); empty: not
 *     pinned. Linux with native access only; elsewhere ignored, with one log line. The threads of the pools are not pinned
 *     beside the loops, platform threads that a task on a loop makes by itself are
 * @param poller what loops wait with
 * @param timerSlack how much later than asked the kernel may end a wait, to save power; zero: as exactly as it can (its custom is 50
 *     us). Epoll only: the JDK's selector counts milliseconds
 * @param placement where tasks run unless told otherwise
 * @param enableIo whether loops have a poller. Without: no descriptor is opened, a loop waits by parking, and {@link
 *     EventLoop#poller} and all that needs it throw {@link DisabledException}
 * @param enableTimers whether timers may be used. Without: arming a {@link Timer}, and every wait with a deadline of a task,
 *     throw {@link DisabledException}
 * @param maxTasks how many tasks may live at once; a spawn beyond is refused with a {@link TaskLimitException} before a task exists
 * @param urgentReserve how many of {@code maxTasks} are kept for tasks of {@link Priority#URGENT}
 * @param maxTasksPerTick how many runs of tasks a turn of a loop takes at most before it looks at the network again
 * @param maxCallbacksPerTick how many callbacks sent by other threads, and how many timers, a turn takes at most
 * @param starvationShare per cent of a tick's runs, 1 to 50, that go at least to lower priorities while they wait: {@link Priority} has the
 *     bounds that follow
 * @param maxEventsPerPoll how many ready descriptors one poll collects at most. Epoll only: the JDK's selector has a bound of its own
 * @param pollTimeout how long a wait of a loop is at most right after work; each wait in vain then doubles the next up to half a second,
 *     so that an idle loop wakes twice a second (or after {@code pollTimeout}, if that is longer)
 * @param spinBeforeSleep how long a loop without work looks around before it sleeps; zero: not at all
 * @param stallThreshold how long one turn may hold its loop before the stall detector reports it; zero: never
 * @param blockingThreads how many threads {@code spawnBlocking} uses at most
 * @param blockingQueue how many tasks may wait for one of these threads; a spawn beyond is refused with a {@link TaskLimitException}
 * @param computeThreads how many threads {@code spawnCompute} uses (the JDK's ForkJoinPool lends one more while one of them
 *     waits in a future of the JDK's)
 * @param computeQueue how many tasks may wait for one of these threads; a spawn beyond is refused with a {@link TaskLimitException}
 * @param drainTimeout how long {@link AsyncRuntime#close} lets tasks finish by themselves
 * @param cancelTimeout how long it then waits for the cancelled ones, and as long again for its threads
 * @param clock the time of timers, sleeps and deadlines
 */
public record RuntimeConfig(
        String name,
        int loops,
        List<Integer> cpus,
        Poller.Kind poller,
        Duration timerSlack,
        Placement placement,
        boolean enableIo,
        boolean enableTimers,
        int maxTasks,
        int urgentReserve,
        int maxTasksPerTick,
        int maxCallbacksPerTick,
        int starvationShare,
        int maxEventsPerPoll,
        Duration pollTimeout,
        Duration spinBeforeSleep,
        Duration stallThreshold,
        int blockingThreads,
        int blockingQueue,
        int computeThreads,
        int computeQueue,
        Duration drainTimeout,
        Duration cancelTimeout,
        Clock clock) {

    /** Checks every setting; the message names the one that is wrong. */
    public RuntimeConfig {
        Check.notBlank("name", name);
        Check.notNull("cpus", cpus);
        cpus.forEach(cpu -> Check.notNull("cpus", cpu));
        cpus = List.copyOf(cpus);
        cpus.forEach(cpu -> Check.between("cpus", cpu, 0, CpuPinning.MAX_CPU));
        Check.notNull("poller", poller);
        Check.notNull("placement", placement);
        Check.notNull("clock", clock);
        Check.between("loops", loops, 1, 1024);
        Check.between("maxTasks", maxTasks, 1, Integer.MAX_VALUE);
        Check.between("urgentReserve", urgentReserve, 0, maxTasks - 1);
        Check.between("maxTasksPerTick", maxTasksPerTick, 1, 1 << 20);
        Check.between("maxCallbacksPerTick", maxCallbacksPerTick, 1, 1 << 20);
        Check.between("starvationShare", starvationShare, 1, 50);
        Check.between("maxEventsPerPoll", maxEventsPerPoll, 1, 1 << 16);
        Check.between("blockingThreads", blockingThreads, 1, 1 << 15);
        Check.between("blockingQueue", blockingQueue, 1, Integer.MAX_VALUE);
        Check.between("computeThreads", computeThreads, 1, (1 << 15) - 1);
        Check.between("computeQueue", computeQueue, 1, Integer.MAX_VALUE);
        Check.notNegative("timerSlack", timerSlack);
        Check.positive("pollTimeout", pollTimeout);
        Check.notNegative("spinBeforeSleep", spinBeforeSleep);
        Check.notNegative("stallThreshold", stallThreshold);
        Check.notNegative("drainTimeout", drainTimeout);
        Check.positive("cancelTimeout", cancelTimeout);
    }

    /** The defaults: 1,024 events a poll, waits of 10 ms at most after work, 32 task runs a tick. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Throughput on cores that belong to it: 2,048 events a poll, 1 ms, 64 task runs a tick, and a spin that saves the sleep
     * while traffic is dense.
     */
    public static Builder highPerf() {
        return new Builder()
                .maxEventsPerPoll(2048)
                .pollTimeout(Duration.ofMillis(1))
                .maxTasksPerTick(64)
                .spinBeforeSleep(Duration.ofNanos(26_000));
    }

    /**
     * Thousands of busy sockets: 4,096 events a poll, 1 ms, 64 task runs a tick, and no more callbacks than these, so that the
     * network is looked at often.
     */
    public static Builder ioFocused() {
        return new Builder()
                .maxEventsPerPoll(4096)
                .pollTimeout(Duration.ofMillis(1))
                .maxTasksPerTick(64)
                .maxCallbacksPerTick(64);
    }

    /** Builds a {@link RuntimeConfig}. Each default names its reason. */
    public static final class Builder {
        /** Not chosen: what suits {@code maxTasks}. */
        private static final int FITTING = -1;

        /** Tells the threads of one runtime from the JDK's. */
        private String name = "tokioj";
        /** One a core: a loop never waits for another's work. */
        private int loops = Math.min(Runtime.getRuntime().availableProcessors(), 1024);
        /** The kernel's scheduler knows what else runs on the machine; whoever owns the cores may know better. */
        private List<Integer> cpus = List.of();
        /** The faster one, where it can be had without surprising anybody. */
        private Poller.Kind poller = Poller.Kind.AUTO;
        /** Pacing and probe time-outs are fractions of a millisecond; the price is a few more wake-ups. */
        private Duration timerSlack = Duration.ZERO;
        /** What makes priorities mean something and a wake-up cheap. */
        private Placement placement = Placement.LOOP;
        /** A loop is there for the network. */
        private boolean enableIo = true;
        /** Nearly everything has a deadline. */
        private boolean enableTimers = true;
        /** A parked task costs 2-3 KB: a few GB at most, and a leak shows before the heap ends. */
        private int maxTasks = 1_000_000;
        /** Room to report, to refuse and to shut down when all else is full. */
        private int urgentReserve = FITTING;
        /** About 10 us of short runs between two looks at the network. */
        private int maxTasksPerTick = 32;
        /** Callbacks are short, and whole batches of mail make whole batches of packets. */
        private int maxCallbacksPerTick = 256;
        /** One run in sixteen: urgent work hardly notices, and nothing stands still. */
        private int starvationShare = 6;
        /** 12 bytes each; a loop with more ready sockets asks the kernel twice. */
        private int maxEventsPerPoll = 1024;
        /** Every wake-up is signalled; should one ever be lost, it shows as 10 ms and not as a hang. */
        private Duration pollTimeout = Duration.ofMillis(10);
        /** A spinning loop takes a whole core: for those who ask. */
        private Duration spinBeforeSleep = Duration.ZERO;
        /** A peer's probe time-out is commonly 100 ms or more: a longer turn makes it retransmit. */
        private Duration stallThreshold = Duration.ofMillis(500);
        /** Blocking calls wait most of the time; 64 keep a disk and a resolver busy. */
        private int blockingThreads = 64;
        /** At a millisecond a call and 64 threads a wait of 150 ms: more is an overload that should be heard of. */
        private int blockingQueue = 10_000;
        /** One a core: more would only take turns. */
        private int computeThreads = Math.min(Runtime.getRuntime().availableProcessors(), 1024);
        /** As for blocking work. */
        private int computeQueue = 10_000;
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

        /** {@link RuntimeConfig#cpus()}. */
        public Builder cpus(List<Integer> cpus) {
            this.cpus = cpus;
            return this;
        }

        /** {@link RuntimeConfig#poller()}. */
        public Builder poller(Poller.Kind poller) {
            this.poller = poller;
            return this;
        }

        /** {@link RuntimeConfig#timerSlack()}. */
        public Builder timerSlack(Duration timerSlack) {
            this.timerSlack = timerSlack;
            return this;
        }

        /** {@link RuntimeConfig#placement()}. */
        public Builder placement(Placement placement) {
            this.placement = placement;
            return this;
        }

        /** {@link RuntimeConfig#enableIo()}. */
        public Builder enableIo(boolean enableIo) {
            this.enableIo = enableIo;
            return this;
        }

        /** {@link RuntimeConfig#enableTimers()}. */
        public Builder enableTimers(boolean enableTimers) {
            this.enableTimers = enableTimers;
            return this;
        }

        /** {@link RuntimeConfig#maxTasks()}. */
        public Builder maxTasks(int maxTasks) {
            this.maxTasks = maxTasks;
            return this;
        }

        /** {@link RuntimeConfig#urgentReserve()}. If it is not set: a sixteenth of {@code maxTasks}, 1,000 at most. */
        public Builder urgentReserve(int urgentReserve) {
            this.urgentReserve = urgentReserve;
            return this;
        }

        /** {@link RuntimeConfig#maxTasksPerTick()}. */
        public Builder maxTasksPerTick(int maxTasksPerTick) {
            this.maxTasksPerTick = maxTasksPerTick;
            return this;
        }

        /** {@link RuntimeConfig#maxCallbacksPerTick()}. */
        public Builder maxCallbacksPerTick(int maxCallbacksPerTick) {
            this.maxCallbacksPerTick = maxCallbacksPerTick;
            return this;
        }

        /** {@link RuntimeConfig#starvationShare()}. */
        public Builder starvationShare(int starvationShare) {
            this.starvationShare = starvationShare;
            return this;
        }

        /** {@link RuntimeConfig#maxEventsPerPoll()}. */
        public Builder maxEventsPerPoll(int maxEventsPerPoll) {
            this.maxEventsPerPoll = maxEventsPerPoll;
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

        /** {@link RuntimeConfig#blockingQueue()}. */
        public Builder blockingQueue(int blockingQueue) {
            this.blockingQueue = blockingQueue;
            return this;
        }

        /** {@link RuntimeConfig#computeThreads()}. */
        public Builder computeThreads(int computeThreads) {
            this.computeThreads = computeThreads;
            return this;
        }

        /** {@link RuntimeConfig#computeQueue()}. */
        public Builder computeQueue(int computeQueue) {
            this.computeQueue = computeQueue;
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
            int reserve = urgentReserve == FITTING ? Math.clamp(maxTasks / 16, 0, 1000) : urgentReserve;
            return new RuntimeConfig(
                    name,
                    loops,
                    cpus,
                    poller,
                    timerSlack,
                    placement,
                    enableIo,
                    enableTimers,
                    maxTasks,
                    reserve,
                    maxTasksPerTick,
                    maxCallbacksPerTick,
                    starvationShare,
                    maxEventsPerPoll,
                    pollTimeout,
                    spinBeforeSleep,
                    stallThreshold,
                    blockingThreads,
                    blockingQueue,
                    computeThreads,
                    computeQueue,
                    drainTimeout,
                    cancelTimeout,
                    clock);
        }
    }
}
