package dev.tokioj.runtime;

/**
 * Which of the runnable tasks of a loop, and of the callbacks sent with a priority ({@link EventLoop#execute(Priority,
 * Runnable)}), goes next. A run is the stretch of a task between two waits, or one such callback.
 *
 * <p>The order is strict up to a stated bound, so that nothing starves: while others wait, at least one run in N goes below
 * {@link #URGENT}, and of the runs below it at least one in N goes to {@link #BACKGROUND}. N is 100 divided by {@link
 * RuntimeConfig#starvationShare}, rounded down: 16 unless set otherwise. What stands at the head of its class is therefore
 * passed by at most N-1 runs = {@value #BURST} if it is {@link #NORMAL} and no background work is due, by at most 2N-1 = 31 if
 * it is, and by at most N*N-1 = 255 if it is {@link #BACKGROUND}.
 *
 * <p>Callbacks without a priority and timers come before all runs, at most {@link RuntimeConfig#maxCallbacksPerTick} of each a
 * turn; then at most {@link RuntimeConfig#maxTasksPerTick} runs go, in every turn: neither can keep the other from the loop.
 *
 * <p>Priority orders what runs on a loop ({@link Placement#LOOP}); the JDK's scheduler knows none, so that tasks placed {@link
 * Placement#SHARED} have only their urgent reserve of {@link RuntimeConfig#maxTasks} from it.
 */
public enum Priority {
    /** Handshakes, acknowledgements, what somebody waits for right now. */
    URGENT,
    /** The default. */
    NORMAL,
    /** Clean-up, statistics, what may wait while there is other work. */
    BACKGROUND;

    /** How many runs a higher class may take in a row while a lower one waits, with the default share. */
    public static final int BURST = 15;

    /** The same, with the share that this configuration says. */
    static int burst(RuntimeConfig config) {
        return 100 / config.starvationShare() - 1;
    }
}
