package dev.tokioj.runtime;

/**
 * Which loop of a runtime a task belongs to: that carries it if it is placed on loops, and whose wheel and clock serve it in
 * any case. A task stays on its loop until it ends.
 */
public sealed interface LoopChoice {
    /** The caller's loop if the caller runs on one of this runtime's; else as {@link #ROUND_ROBIN}. The default. */
    LoopChoice OWN = Rule.OWN;

    /** One loop after the other. */
    LoopChoice ROUND_ROBIN = Rule.ROUND_ROBIN;

    /** The loop to which the fewest live tasks belong; among equals the one with the lowest index. */
    LoopChoice LEAST_LOADED = Rule.LEAST_LOADED;

    /** This loop, which must be one of the runtime that the task is spawned in. */
    static LoopChoice of(EventLoop loop) {
        return new Given(loop);
    }

    /** A rule that looks at the loops there are. */
    enum Rule implements LoopChoice {
        /** {@link LoopChoice#OWN}. */
        OWN,
        /** {@link LoopChoice#ROUND_ROBIN}. */
        ROUND_ROBIN,
        /** {@link LoopChoice#LEAST_LOADED}. */
        LEAST_LOADED
    }

    /**
     * A loop that was named.
     *
     * @param loop which
     */
    record Given(EventLoop loop) implements LoopChoice {}
}
