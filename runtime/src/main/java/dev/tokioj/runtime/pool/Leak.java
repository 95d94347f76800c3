package dev.tokioj.runtime.pool;

/**
 * Something taken from a pool and not given back.
 *
 * @param what what it is
 * @param thread the name of the thread that took it
 * @param site where it was taken: its stack trace
 */
public record Leak(String what, String thread, Throwable site) {
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(what).append(", taken by thread ").append(thread);
        for (StackTraceElement frame : site.getStackTrace()) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }
}
