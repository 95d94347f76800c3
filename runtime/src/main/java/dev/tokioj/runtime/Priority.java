package dev.tokioj.runtime;

/**
 * Which of the runnable tasks of a loop goes next.
 *
 * <p>The order is strict up to a stated bound, so that nothing starves: while others wait, at least one run in
 * {@value #BURST}+1 goes below {@link #URGENT}, and of the runs below it at least one in {@value #BURST}+1 goes to
 * {@link #BACKGROUND}. A runnable task at the head of its class is therefore passed by at most {@value #BURST} runs if it
 * is {@link #NORMAL} and no background work is due, by at most {@code (BURST+1)*2 - 1} = 33 if it is, and by at most {@code
 * (BURST+1)*(BURST+1) - 1} = 288 if it is {@link #BACKGROUND}. A run is the stretch of a task between two waits.
 *
 * <p>Priority orders tasks that run on a loop ({@link Placement#LOOP}); the JDK's scheduler knows none.
 */
public enum Priority {
    /** Handshakes, acknowledgements, what somebody waits for right now. */
    URGENT,
    /** The default. */
    NORMAL,
    /** Clean-up, statistics, what may wait while there is other work. */
    BACKGROUND;

    /** How many runs a higher class may take in a row while a lower one waits. */
    public static final int BURST = 16;
}
