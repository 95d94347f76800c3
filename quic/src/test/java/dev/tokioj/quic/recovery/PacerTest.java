package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PacerTest {
    private static final long MS = 1_000_000;
    private static final int MTU = 1200;
    private final RecoveryConfig config = RecoveryConfig.defaults();
    private final Rtt rtt = new Rtt(config.initialRtt(), config.granularity());
    private final Pacer pacer = new Pacer(config, MTU, 0);
    private final CongestionController congestion = CongestionController.of(config, MTU);

    @Test
    void theFirstBurstIsTenPackets() {
        pacer.update(0, congestion, rtt);
        for (int i = 0; i < 10; i++) {
            assertEquals(0, pacer.nextSendTime(0, MTU), "packet " + i);
            pacer.onSent(0, MTU);
        }
        assertTrue(pacer.nextSendTime(0, MTU) > 0);
        assertEquals(0, pacer.available(0));
    }

    @Test
    void inTheLongRunAWindowLeavesInFourFifthsOfARoundTrip() {
        rtt.update(100 * MS, 0, 0);
        congestion.onCongestionEvent(1, 2);
        pacer.update(0, congestion, rtt);
        long window = congestion.window();
        long now = 0;
        long sent = 0;
        while (now < 1000 * MS) {
            long next = pacer.nextSendTime(now, MTU);
            if (next > now) {
                now = next;
                continue;
            }
            pacer.onSent(now, MTU);
            sent += MTU;
        }
        long expected = 125 * window / 10 + 10 * MTU;
        assertTrue(Math.abs(sent - expected) < 3 * MTU, sent + " of " + expected);
    }

    @Test
    void slowStartIsPacedAtTwiceTheWindow() {
        rtt.update(100 * MS, 0, 0);
        pacer.update(0, congestion, rtt);
        pacer.onSent(0, 10 * MTU);
        long expected = 50 * MS * MTU / congestion.window();
        assertTrue(Math.abs(pacer.nextSendTime(0, MTU) - expected) < MS / 100);
    }

    @Test
    void atHighRatesABurstIsAMillisecondOfTheRate() {
        rtt.update(MS, 0, 0);
        congestion.onAck(8 << 20, 1, 2, rtt, true);
        pacer.update(0, congestion, rtt);
        pacer.onSent(0, 10 * MTU);
        assertTrue(pacer.available(10 * MS) >= congestion.window(), "a window a millisecond, twice");
        assertTrue(pacer.available(10 * MS) <= 2 * congestion.window() + 1);
    }

    @Test
    void idleTimeDoesNotAddUp() {
        rtt.update(100 * MS, 0, 0);
        pacer.update(0, congestion, rtt);
        assertEquals(10 * MTU, pacer.available(3_600_000 * MS));
    }

    @Test
    void probesAreOwedButNotForEver() {
        rtt.update(100 * MS, 0, 0);
        pacer.update(0, congestion, rtt);
        pacer.onSent(0, 1000 * MTU);
        assertTrue(pacer.nextSendTime(0, MTU) < 100 * MS);
    }
}
