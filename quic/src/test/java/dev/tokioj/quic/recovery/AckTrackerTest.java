package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AckTrackerTest {
    private static final long DELAY = 25_000_000;
    private final AckTracker tracker = new AckTracker(PacketSpaceId.APPLICATION, RecoveryConfig.defaults(), DELAY);

    private String ranges() {
        return Arrays.toString(Arrays.copyOf(tracker.ranges(), 2 * tracker.rangeCount()));
    }

    @Test
    void theFirstElicitingPacketStartsTheDelayAndTheSecondIsAcknowledgedAtOnce() {
        tracker.onReceived(0, 1000, true, 0);
        assertEquals(1000 + DELAY, tracker.deadline());
        assertFalse(tracker.isDue(1000 + DELAY - 1));
        assertTrue(tracker.isDue(1000 + DELAY));
        tracker.onReceived(1, 2000, true, 0);
        assertEquals(AckTracker.NOW, tracker.deadline());
        tracker.onAckSent(false);
        assertEquals(AckTracker.NONE, tracker.deadline());
        assertFalse(tracker.hasUnacked());
    }

    @Test
    void packetsThatElicitNothingCauseNoAck() {
        for (int pn = 0; pn < 100; pn += 3) {
            tracker.onReceived(pn, pn, false, 0);
        }
        assertEquals(AckTracker.NONE, tracker.deadline());
        assertFalse(tracker.hasUnacked());
        assertEquals(99, tracker.largestReceived());
    }

    @Test
    void aGapAndALatePacketAreAcknowledgedAtOnce() {
        tracker.onReceived(0, 0, true, 0);
        tracker.onAckSent(false);
        tracker.onReceived(2, 10, true, 0);
        assertEquals(AckTracker.NOW, tracker.deadline(), "packet 1 is missing");
        tracker.onAckSent(false);
        tracker.onReceived(3, 20, true, 0);
        assertEquals(20 + DELAY, tracker.deadline(), "the same gap does not count twice");
        tracker.onAckSent(false);
        tracker.onReceived(1, 30, true, 0);
        assertEquals(AckTracker.NOW, tracker.deadline(), "late");
        assertEquals("[0, 3]", ranges());
    }

    @Test
    void packetsThatElicitNothingFillGaps() {
        tracker.onReceived(0, 0, true, 0);
        tracker.onAckSent(false);
        tracker.onReceived(1, 0, false, 0);
        tracker.onReceived(2, 0, true, 0);
        assertEquals(DELAY, tracker.deadline());
    }

    @Test
    void congestionMarksAreReportedAtOnce() {
        tracker.onReceived(0, 0, true, EcnValidator.ECT0);
        assertEquals(DELAY, tracker.deadline());
        tracker.onAckSent(false);
        tracker.onReceived(1, 0, true, EcnValidator.CE);
        assertEquals(AckTracker.NOW, tracker.deadline());
        tracker.onReceived(2, 0, true, EcnValidator.ECT1);
        assertTrue(tracker.hasEcnCounts());
        assertEquals(1, tracker.ect0());
        assertEquals(1, tracker.ect1());
        assertEquals(1, tracker.ce());
    }

    @Test
    void handshakePacketsAreAcknowledgedAtOnce() {
        AckTracker handshake = new AckTracker(PacketSpaceId.HANDSHAKE, RecoveryConfig.defaults(), DELAY);
        handshake.onReceived(0, 0, true, 0);
        assertEquals(AckTracker.NOW, handshake.deadline());
    }

    @Test
    void duplicatesAreKnown() {
        for (long pn : new long[] {0, 1, 5, 3}) {
            assertFalse(tracker.isDuplicate(pn));
            tracker.onReceived(pn, 0, true, 0);
        }
        for (long pn = 0; pn < 8; pn++) {
            assertEquals(pn <= 1 || pn == 3 || pn == 5, tracker.isDuplicate(pn), "pn " + pn);
        }
    }

    @Test
    void rangesAreCappedAndWhatWasForgottenIsTooOld() {
        int cap = RecoveryConfig.defaults().maxAckRanges();
        for (long pn = 0; pn < 100_000; pn += 2) {
            tracker.onReceived(pn, 0, true, 0);
        }
        assertEquals(cap, tracker.rangeCount());
        long lowest = tracker.ranges()[0];
        assertEquals(99_998 - 2L * (cap - 1), lowest);
        assertTrue(tracker.isDuplicate(1), "below the floor nobody knows: dropped rather than processed twice");
        assertFalse(tracker.isDuplicate(lowest + 1));
    }

    @Test
    void rangesThatThePeerKnowsAreNotReportedAgainButStillKnown() {
        tracker.onReceived(0, 0, true, 0);
        tracker.onReceived(2, 0, true, 0);
        tracker.onReceived(4, 0, true, 0);
        assertEquals("[0, 0, 2, 2, 4, 4]", ranges());
        tracker.onAckAcked(2);
        assertEquals("[2, 2, 4, 4]", ranges());
        tracker.onAckAcked(4);
        assertEquals("[4, 4]", ranges(), "the range of the largest is always reported");
        assertTrue(tracker.isDuplicate(0));
        assertFalse(tracker.isDuplicate(1), "a late packet is still welcome");
        tracker.onReceived(1, 0, true, 0);
        assertEquals("[4, 4]", ranges());
    }

    @Test
    void theDelayIsThatOfTheLargest() {
        tracker.onReceived(5, 1000, true, 0);
        tracker.onReceived(3, 4000, true, 0);
        assertEquals(9000, tracker.ackDelay(10_000));
    }

    @Test
    void afterManyAckOnlyPacketsOneWantsAPing() {
        int n = RecoveryConfig.defaults().ackOnlyBeforePing();
        for (int i = 0; i < n; i++) {
            assertFalse(tracker.wantsPing());
            tracker.onReceived(i, 0, true, 0);
            tracker.onAckSent(false);
        }
        assertTrue(tracker.wantsPing());
        tracker.onAckSent(true);
        assertFalse(tracker.wantsPing());
    }
}
