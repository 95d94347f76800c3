package dev.tokioj.quic.recovery;

/**
 * HyStart++ (RFC 9406): ends the first slow start when the round-trip time grows, before the bottleneck's queue overflows. A
 * round ends when a packet sent after its beginning is acknowledged. The growth of one ACK is not limited (L is infinite):
 * sending is paced.
 */
final class HyStart {
    private static final long MIN_RTT_THRESH = 4_000_000;
    private static final long MAX_RTT_THRESH = 16_000_000;
    private static final int N_RTT_SAMPLE = 8;
    private static final int CSS_GROWTH_DIVISOR = 4;
    private static final int CSS_ROUNDS = 5;

    private enum Phase {
        SLOW_START,
        CONSERVATIVE,
        DONE
    }

    private Phase phase;
    private long roundStart = Long.MIN_VALUE;
    private long lastRoundMinRtt = Long.MAX_VALUE;
    private long currentRoundMinRtt = Long.MAX_VALUE;
    private long cssBaselineMinRtt = Long.MAX_VALUE;
    private int rttSampleCount;
    private int cssRounds;

    HyStart(boolean on) {
        this.phase = on ? Phase.SLOW_START : Phase.DONE;
    }

    /** By how much slow start grows the window for {@code bytes} acknowledged. */
    long growth(long bytes, long sentTime, long now, long latestRtt) {
        if (phase == Phase.DONE) {
            return bytes;
        }
        if (sentTime >= roundStart) {
            roundStart = now;
            lastRoundMinRtt = currentRoundMinRtt;
            currentRoundMinRtt = Long.MAX_VALUE;
            rttSampleCount = 0;
            if (phase == Phase.CONSERVATIVE) {
                cssRounds++;
            }
        }
        currentRoundMinRtt = Math.min(currentRoundMinRtt, latestRtt);
        rttSampleCount++;
        if (phase == Phase.SLOW_START) {
            if (delayIncreased()) {
                cssBaselineMinRtt = currentRoundMinRtt;
                cssRounds = 0;
                phase = Phase.CONSERVATIVE;
            }
            return bytes;
        }
        if (rttSampleCount >= N_RTT_SAMPLE && currentRoundMinRtt < cssBaselineMinRtt) {
            cssBaselineMinRtt = Long.MAX_VALUE;
            phase = Phase.SLOW_START;
        }
        return bytes / CSS_GROWTH_DIVISOR;
    }

    private boolean delayIncreased() {
        if (rttSampleCount < N_RTT_SAMPLE || lastRoundMinRtt == Long.MAX_VALUE) {
            return false;
        }
        long threshold = Math.clamp(lastRoundMinRtt / 8, MIN_RTT_THRESH, MAX_RTT_THRESH);
        return currentRoundMinRtt >= lastRoundMinRtt + threshold;
    }

    /** Whether delay stayed high throughout the conservative rounds: slow start is over. */
    boolean exit() {
        return phase == Phase.CONSERVATIVE && cssRounds >= CSS_ROUNDS;
    }

    /** Just the first slow start is watched. */
    void stop() {
        phase = Phase.DONE;
    }
}
