package dev.tokioj.runtime;

/** Where a task's virtual thread runs. */
public enum Placement {
    /**
     * On the event loop itself, by {@link Priority}: a wake-up by the loop or by a neighbour costs a fraction of a
     * microsecond. The body must not occupy the thread (computing, file I/O): while it does, the loop reads no packet. Needs
     * {@code java.lang} opened to this module; where it is not, such tasks run {@link #SHARED} and one log line says so.
     */
    LOOP,
    /** On the JDK's scheduler, beside the loops: the body may compute and block as it likes. */
    SHARED
}
