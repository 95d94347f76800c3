package dev.tokioj.quic.stream;

/**
 * Whether a host keeps up with what comes: when an endpoint's sockets were last found empty, and when they last had more than was read
 * in a turn. Bytes that wait in a socket have long arrived: a larger receive window would only make more of them wait, out of the
 * caches, and make the round trip longer that the window is measured by. One for an endpoint; its thread only. Times are those of
 * the endpoint's clock, in nanoseconds.
 */
public final class Intake {
    private long emptied = Long.MIN_VALUE;
    private long behind = Long.MIN_VALUE;

    /** Of a host that has not been behind yet; who never says more keeps up. */
    public Intake() {}

    /** All that had come was read. */
    public void onEmptied(long now) {
        emptied = now;
    }

    /** A turn's budget was spent, and there is more. */
    public void onBehind(long now) {
        behind = now;
    }

    /** Whether there was more at each look after that time. */
    boolean isBehindSince(long time) {
        return behind > time && emptied <= time;
    }
}
