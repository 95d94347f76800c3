package dev.tokioj.quic.recovery;

/** The congestion controller of RFC 9002 section 7 and appendix B. */
public final class NewReno implements CongestionController {
    private final RecoveryConfig config;
    private final HyStart hyStart;
    private int maxDatagramSize;
    private long window;
    private long threshold = Long.MAX_VALUE;
    private long recoveryStart = NEVER;
    private boolean inRecovery;
    // Bytes acknowledged in congestion avoidance since the window last grew (appropriate byte counting, RFC 3465).
    private long acked;
    private long priorWindow;
    private long priorThreshold;

    NewReno(RecoveryConfig config, int maxDatagramSize) {
        this.config = config;
        this.hyStart = new HyStart(config.hyStart());
        this.maxDatagramSize = maxDatagramSize;
        this.window = Windows.initial(config, maxDatagramSize);
    }

    @Override
    public void onAck(long bytes, long sentTime, long now, Rtt rtt, boolean windowLimited) {
        if (bytes == 0 || sentTime <= recoveryStart) {
            return;
        }
        inRecovery = false;
        if (!windowLimited) {
            return;
        }
        if (window < threshold) {
            window += hyStart.growth(bytes, sentTime, now, rtt.latest());
            if (hyStart.exit()) {
                hyStart.stop();
                threshold = window;
            }
        } else {
            acked += bytes;
            while (acked >= window) {
                acked -= window;
                window += maxDatagramSize;
            }
        }
        window = Math.min(window, config.maximumWindow());
    }

    @Override
    public void onCongestionEvent(long sentTime, long now) {
        if (sentTime <= recoveryStart) {
            return;
        }
        priorWindow = window;
        priorThreshold = threshold;
        recoveryStart = now;
        inRecovery = true;
        hyStart.stop();
        acked = 0;
        threshold = Math.max(window / 2, Windows.minimum(config, maxDatagramSize));
        window = threshold;
    }

    @Override
    public void onPersistentCongestion() {
        window = Windows.minimum(config, maxDatagramSize);
        recoveryStart = NEVER;
        inRecovery = false;
        acked = 0;
        priorWindow = 0;
    }

    @Override
    public void onSpuriousCongestion() {
        if (window < priorWindow) {
            window = priorWindow;
            threshold = priorThreshold;
            inRecovery = false;
        }
        priorWindow = 0;
    }

    @Override
    public void onMaxDatagramSize(int bytes) {
        window = Windows.resized(config, window, maxDatagramSize, bytes);
        maxDatagramSize = bytes;
    }

    @Override
    public long window() {
        return window;
    }

    @Override
    public long slowStartThreshold() {
        return threshold;
    }

    @Override
    public long recoveryStartTime() {
        return recoveryStart;
    }

    @Override
    public Phase phase() {
        if (inRecovery) {
            return Phase.RECOVERY;
        }
        return window < threshold ? Phase.SLOW_START : Phase.CONGESTION_AVOIDANCE;
    }
}
