package dev.tokioj.quic.recovery;

/**
 * CUBIC (RFC 9438). Windows are bytes in doubles here, since growth is by fractions of a byte; {@code C} counts segments, so
 * window differences are divided by the datagram size before the cube root.
 */
public final class Cubic implements CongestionController {
    private static final double BETA = 0.7;
    private static final double C = 0.4;
    private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);
    private static final double NANOS = 1e9;

    private final RecoveryConfig config;
    private final HyStart hyStart;
    private int maxDatagramSize;
    private double window;
    private long threshold = Long.MAX_VALUE;
    private long recoveryStart = NEVER;
    private boolean inRecovery;
    private Epoch epoch = new Epoch();
    // What the latest reduction changed, for undoing it (section 4.9).
    private Epoch priorEpoch = new Epoch();
    private double priorWindow;
    private long priorThreshold;

    /** The current congestion avoidance stage. Two of them are swapped, so that a loss allocates nothing. */
    private static final class Epoch {
        // NEVER: the stage begins with the next ACK.
        private long start = NEVER;
        private double windowMax;
        private double windowStart;
        private double windowEstimate;
        private double k;
        // Since when the window is not the limit; the stage's clock stands still (section 5.8). NEVER: it runs.
        private long pausedSince = NEVER;

        private void copy(Epoch from) {
            start = from.start;
            windowMax = from.windowMax;
            windowStart = from.windowStart;
            windowEstimate = from.windowEstimate;
            k = from.k;
            pausedSince = from.pausedSince;
        }
    }

    Cubic(RecoveryConfig config, int maxDatagramSize) {
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
            if (epoch.pausedSince == NEVER) {
                epoch.pausedSince = now;
            }
            return;
        }
        if (window < threshold) {
            window += hyStart.growth(bytes, sentTime, now, rtt.latest());
            if (hyStart.exit()) {
                hyStart.stop();
                threshold = (long) window;
            }
        } else {
            avoidCongestion(bytes, now, rtt.smoothed());
        }
        window = Math.min(window, (double) config.maximumWindow());
    }

    private void avoidCongestion(long bytes, long now, long smoothedRtt) {
        if (epoch.start == NEVER) {
            beginEpoch(now);
        } else if (epoch.pausedSince != NEVER) {
            epoch.start += now - epoch.pausedSince;
        }
        epoch.pausedSince = NEVER;
        double t = (now - epoch.start) / NANOS;
        // Section 4.3: the window that Reno would have.
        double alpha = epoch.windowEstimate >= epoch.windowMax ? 1 : ALPHA;
        epoch.windowEstimate += alpha * maxDatagramSize * bytes / window;
        if (cubic(t) < epoch.windowEstimate) {
            window = Math.max(window, epoch.windowEstimate);
            return;
        }
        double target = Math.clamp(cubic(t + smoothedRtt / NANOS), window, 1.5 * window);
        // One ACK may cover a window; more than the target is never meant.
        window = Math.min(target, window + (target - window) * bytes / window);
    }

    /** Section 4.2; without a reduction before (HyStart, or a timeout) the plateau is where the stage begins. */
    private void beginEpoch(long now) {
        epoch.start = now;
        epoch.windowStart = window;
        epoch.windowEstimate = window;
        if (epoch.windowMax <= window) {
            epoch.windowMax = window;
            epoch.k = 0;
        } else {
            epoch.k = Math.cbrt((epoch.windowMax - window) / maxDatagramSize / C);
        }
    }

    private double cubic(double t) {
        double d = t - epoch.k;
        return C * d * d * d * maxDatagramSize + epoch.windowMax;
    }

    @Override
    public void onCongestionEvent(long sentTime, long now) {
        if (sentTime <= recoveryStart) {
            return;
        }
        priorWindow = window;
        priorThreshold = threshold;
        priorEpoch.copy(epoch);
        recoveryStart = now;
        inRecovery = true;
        hyStart.stop();
        // Fast convergence, section 4.7.
        epoch.windowMax = window < epoch.windowMax ? window * (1 + BETA) / 2 : window;
        epoch.start = NEVER;
        epoch.pausedSince = NEVER;
        window = Math.max(window * BETA, (double) Windows.minimum(config, maxDatagramSize));
        threshold = (long) window;
    }

    @Override
    public void onPersistentCongestion() {
        window = Windows.minimum(config, maxDatagramSize);
        recoveryStart = NEVER;
        inRecovery = false;
        // Section 4.8: the next stage begins at its own plateau.
        epoch.start = NEVER;
        epoch.windowMax = 0;
        priorWindow = 0;
    }

    @Override
    public void onSpuriousCongestion() {
        if (window < priorWindow) {
            window = priorWindow;
            threshold = priorThreshold;
            Epoch current = epoch;
            epoch = priorEpoch;
            priorEpoch = current;
            inRecovery = false;
        }
        priorWindow = 0;
    }

    @Override
    public void onMaxDatagramSize(int bytes) {
        window = Windows.resized(config, (long) window, maxDatagramSize, bytes);
        maxDatagramSize = bytes;
    }

    @Override
    public long window() {
        return (long) window;
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
