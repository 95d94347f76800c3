package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.recovery.CongestionController.Phase;
import dev.tokioj.quic.recovery.RecoveryConfig.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CongestionControllerTest {
    private static final long MS = 1_000_000;
    private static final int MTU = 1200;
    private final Rtt rtt = new Rtt(333 * MS, MS);

    private static CongestionController of(Algorithm algorithm) {
        return CongestionController.of(
                RecoveryConfig.builder().algorithm(algorithm).hyStart(false).build(), MTU);
    }

    @ParameterizedTest
    @EnumSource
    void beginsInSlowStartWithTenPacketsAndGrowsByWhatIsAcknowledged(Algorithm algorithm) {
        CongestionController c = of(algorithm);
        assertEquals(Phase.SLOW_START, c.phase());
        assertEquals(10 * MTU, c.window());
        rtt.update(50 * MS, 0, 0);
        c.onAck(5 * MTU, 10, 60 * MS, rtt, true);
        assertEquals(15 * MTU, c.window());
        c.onAck(5 * MTU, 20, 70 * MS, rtt, false);
        assertEquals(15 * MTU, c.window(), "not used, so not grown");
    }

    @Test
    void theInitialWindowIsLimitedForLargeDatagrams() {
        assertEquals(
                14_720, CongestionController.of(RecoveryConfig.defaults(), 1500).window());
        assertEquals(
                18_000, CongestionController.of(RecoveryConfig.defaults(), 9000).window());
    }

    @ParameterizedTest
    @EnumSource
    void reducesOncePerRoundTrip(Algorithm algorithm) {
        CongestionController c = of(algorithm);
        double beta = algorithm == Algorithm.CUBIC ? 0.7 : 0.5;
        c.onCongestionEvent(10, 100);
        assertEquals((long) (10 * MTU * beta), c.window());
        assertEquals(Phase.RECOVERY, c.phase());
        assertEquals(100, c.recoveryStartTime());
        c.onCongestionEvent(100, 120);
        assertEquals((long) (10 * MTU * beta), c.window(), "sent before recovery began");
        c.onAck(MTU, 90, 130, rtt, true);
        assertEquals(Phase.RECOVERY, c.phase());
        c.onAck(MTU, 101, 140, rtt, true);
        assertEquals(Phase.CONGESTION_AVOIDANCE, c.phase());
        c.onCongestionEvent(150, 160);
        assertTrue(c.window() < 10 * MTU * beta);
    }

    @ParameterizedTest
    @EnumSource
    void neverFallsBelowTwoPackets(Algorithm algorithm) {
        CongestionController c = of(algorithm);
        for (int i = 1; i < 40; i++) {
            c.onCongestionEvent(10L * i, 10L * i + 5);
        }
        assertEquals(2 * MTU, c.window());
        c.onPersistentCongestion();
        assertEquals(2 * MTU, c.window());
    }

    @ParameterizedTest
    @EnumSource
    void neverGrowsBeyondTheMaximum(Algorithm algorithm) {
        RecoveryConfig config = RecoveryConfig.builder()
                .algorithm(algorithm)
                .hyStart(false)
                .maximumWindow(100_000)
                .build();
        CongestionController c = CongestionController.of(config, MTU);
        rtt.update(50 * MS, 0, 0);
        for (int i = 1; i < 50; i++) {
            c.onAck(c.window(), i * MS, i * MS + 1, rtt, true);
        }
        assertEquals(100_000, c.window());
        c.onCongestionEvent(1000 * MS, 1001 * MS);
        for (long t = 1002; t < 600_000; t += 50) {
            c.onAck(c.window(), t * MS, t * MS + 1, rtt, true);
        }
        assertEquals(100_000, c.window());
    }

    @ParameterizedTest
    @EnumSource
    void persistentCongestionGoesBackToSlowStart(Algorithm algorithm) {
        CongestionController c = of(algorithm);
        c.onCongestionEvent(10, 100);
        c.onPersistentCongestion();
        assertEquals(2 * MTU, c.window());
        assertEquals(Phase.SLOW_START, c.phase());
        c.onAck(MTU, 50, 200, rtt, true);
        assertEquals(3 * MTU, c.window(), "packets sent before count again");
    }

    @ParameterizedTest
    @EnumSource
    void aSpuriousReductionIsUndone(Algorithm algorithm) {
        CongestionController c = of(algorithm);
        c.onCongestionEvent(10, 100);
        c.onSpuriousCongestion();
        assertEquals(10 * MTU, c.window());
        assertEquals(Long.MAX_VALUE, c.slowStartThreshold());
        assertEquals(Phase.SLOW_START, c.phase());
        c.onSpuriousCongestion();
        assertEquals(10 * MTU, c.window());
    }

    @ParameterizedTest
    @EnumSource
    void anotherDatagramSizeMakesAnotherInitialWindow(Algorithm algorithm) {
        CongestionController c = of(algorithm);
        c.onMaxDatagramSize(1400);
        assertEquals(14_000, c.window());
        c.onAck(1400, 10, 20, rtt, true);
        c.onMaxDatagramSize(1200);
        assertEquals(15_400, c.window(), "a window that has moved stays");
    }

    @Test
    void renoAddsAPacketAWindow() {
        CongestionController c = of(Algorithm.NEW_RENO);
        c.onCongestionEvent(10, 100);
        assertEquals(5 * MTU, c.window());
        for (int i = 0; i < 4; i++) {
            c.onAck(MTU, 200 + i, 300, rtt, true);
        }
        assertEquals(5 * MTU, c.window());
        c.onAck(MTU, 210, 300, rtt, true);
        assertEquals(6 * MTU, c.window());
    }

    /** RFC 9438 section 4.2: back at W_max after K seconds, and then faster and faster. */
    @Test
    void cubicReturnsToItsPlateauAfterK() {
        RecoveryConfig config = RecoveryConfig.builder().hyStart(false).build();
        CongestionController c = CongestionController.of(config, MTU);
        rtt.update(100 * MS, 0, 0);
        c.onAck(990L * MTU, 1, 2, rtt, true);
        assertEquals(1000 * MTU, c.window());
        long now = 1000 * MS;
        c.onCongestionEvent(now - 1, now);
        assertEquals(700 * MTU, c.window());
        double k = Math.cbrt(300 / 0.4);
        long epoch = now + 100 * MS;
        long window = 0;
        long previous = 0;
        double plateauGrowth = 0;
        for (long t = epoch; t < epoch + (long) (2 * k * 1e9); t += 100 * MS) {
            c.onAck(c.window(), t - 99 * MS, t, rtt, true);
            previous = window;
            window = c.window();
            double seconds = (t - epoch) / 1e9;
            double expected = 0.4 * Math.pow(seconds + 0.1 - k, 3) + 1000;
            assertEquals(expected, window / (double) MTU, 15, "at " + seconds + " of " + k);
            if (Math.abs(seconds - k) < 0.06) {
                plateauGrowth = window - previous;
            }
        }
        assertTrue(plateauGrowth < MTU, "flat around K: " + plateauGrowth);
        assertTrue(window - previous > 8 * MTU, "steep long after K: " + (window - previous));
    }

    @Test
    void cubicIsAtLeastAsFastAsRenoOnShortPaths() {
        CongestionController c = of(Algorithm.CUBIC);
        rtt.update(MS, 0, 0);
        c.onAck(90L * MTU, 1, 2, rtt, true);
        c.onCongestionEvent(3, 4);
        long now = MS;
        long rounds = 300;
        for (int i = 0; i < rounds; i++) {
            now += MS;
            c.onAck(c.window(), now - MS, now, rtt, true);
        }
        // AIMD with alpha 3 * 0.3 / 1.7 until the plateau, then one packet a round trip.
        assertTrue(c.window() > 70 * MTU + rounds * MTU / 2, "window " + c.window() / MTU);
    }

    @Test
    void cubicGivesUpMoreWhenItsPlateauSinks() {
        CongestionController c = of(Algorithm.CUBIC);
        rtt.update(100 * MS, 0, 0);
        c.onAck(90L * MTU, 1, 2, rtt, true);
        c.onCongestionEvent(3, 4);
        c.onCongestionEvent(5, 6);
        assertTrue(Math.abs(49 * MTU - c.window()) <= 1, "window " + c.window());
        // W_max = 70 * 0.85 = 59.5, reached after K = 3 seconds: the window is flat there and not at 70.
        rtt.reset();
        rtt.update(500 * MS, 0, 0);
        long now = MS;
        for (int i = 0; i < 7; i++) {
            now += 500 * MS;
            c.onAck(c.window(), now - 1, now, rtt, true);
        }
        assertTrue(c.window() > 58 * MTU && c.window() < 61 * MTU, "window " + c.window() / MTU);
    }

    @Test
    void cubicsClockStandsStillWhileTheApplicationSendsLittle() {
        CongestionController busy = of(Algorithm.CUBIC);
        CongestionController idle = of(Algorithm.CUBIC);
        rtt.update(100 * MS, 0, 0);
        long now = 1000 * MS;
        for (CongestionController c : new CongestionController[] {busy, idle}) {
            c.onAck(990L * MTU, 1, 2, rtt, true);
            c.onCongestionEvent(now - 1, now);
            c.onAck(MTU, now + 1, now + 100 * MS, rtt, true);
        }
        for (long t = now + 200 * MS; t < now + 8000 * MS; t += 100 * MS) {
            idle.onAck(MTU, t - 1, t, rtt, false);
        }
        busy.onAck(busy.window(), now + 200 * MS, now + 300 * MS, rtt, true);
        idle.onAck(idle.window(), now + 8000 * MS, now + 8100 * MS, rtt, true);
        assertEquals((double) busy.window(), (double) idle.window(), 12.0 * MTU);
    }

    @Test
    void hyStartLeavesSlowStartWhenDelayGrows() {
        CongestionController c = CongestionController.of(RecoveryConfig.defaults(), MTU);
        long now = 0;
        long window = 0;
        for (int round = 0; round < 12 && c.phase() == Phase.SLOW_START; round++) {
            long sample = round < 4 ? 40 * MS : 60 * MS;
            long start = now;
            now += sample;
            window = c.window();
            for (int ack = 0; ack < 10; ack++) {
                rtt.update(sample, 0, now);
                c.onAck(window / 10, start, now + ack, rtt, true);
            }
            now += 100;
        }
        assertEquals(Phase.CONGESTION_AVOIDANCE, c.phase());
        assertTrue(c.window() >= c.slowStartThreshold());
        // Four doublings, one round that notices, and five that grow by a quarter.
        assertTrue(c.window() < 10 * MTU * 32 * 4, "window " + c.window() / MTU);
    }

    @Test
    void hyStartResumesWhenDelayFallsAgain() {
        HyStart hyStart = new HyStart(true);
        long now = 0;
        long[] samples = {40, 40, 60, 60, 40, 40};
        long[] grown = new long[samples.length];
        for (int round = 0; round < samples.length; round++) {
            long start = now;
            now += samples[round] * MS;
            for (int ack = 0; ack < 10; ack++) {
                grown[round] += hyStart.growth(1000, start, now + ack, samples[round] * MS);
            }
            now += 100;
        }
        assertEquals(10_000, grown[1]);
        assertEquals(2500, grown[3], "conservative");
        assertEquals(10_000, grown[5], "it was no queue");
    }
}
