package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.recovery.LossDetector.Timeout;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Acknowledgements and the round-trip time, losses and what the controller hears of them (RFC 9002 sections 5 to 7). */
class LossDetectorTest extends LossDetectorFixture {
    // ---- acknowledgements and round-trip time ----

    @Test
    void anAckReportsEachPacketOnceAndSamplesTheRoundTrip() throws TransportException {
        for (int pn = 0; pn < 3; pn++) {
            send(APP, pn, pn * MS);
        }
        assertEquals(3 * MTU, detector.bytesInFlight());
        assertTrue(ack(APP, 52 * MS, 1, 2));
        assertEquals(List.of(1L, 2L), fate.acked);
        assertEquals(50 * MS, detector.rtt().latest());
        assertEquals(50 * MS, detector.rtt().smoothed());
        assertEquals(25 * MS, detector.rtt().variance());
        assertEquals(MTU, detector.bytesInFlight());
        fate.clear();
        assertTrue(ack(APP, 53 * MS, 0, 2));
        assertEquals(List.of(0L), fate.acked);
        assertEquals(50 * MS, detector.rtt().latest(), "the largest was not new");
        assertFalse(ack(APP, 54 * MS, 0, 2));
        assertEquals(0, detector.bytesInFlight());
    }

    @Test
    void theRoundTripFollowsRfc9002Section53() throws TransportException {
        detector.peerMaxAckDelay(25 * MS);
        send(APP, 0, 0);
        ack(APP, 100 * MS, 20 * MS, new long[] {0, 0});
        assertEquals(100 * MS, detector.rtt().smoothed(), "the first sample ignores the delay");
        send(APP, 1, 200 * MS);
        ack(APP, 340 * MS, 30 * MS, new long[] {1, 1});
        // The delay is limited to 25 ms: 115 ms. rttvar = (3 * 50 + |100 - 115|) / 4, srtt = (7 * 100 + 115) / 8.
        assertEquals(140 * MS, detector.rtt().latest());
        assertEquals(165 * MS / 4, detector.rtt().variance());
        assertEquals(815 * MS / 8, detector.rtt().smoothed());
        assertEquals(100 * MS, detector.rtt().min());
        send(APP, 2, 400 * MS);
        long before = detector.rtt().smoothed();
        ack(APP, 510 * MS, 20 * MS, new long[] {2, 2});
        assertEquals(
                (7 * before + 110 * MS) / 8, detector.rtt().smoothed(), "a delay that leads below min_rtt is ignored");
        assertEquals(100 * MS, detector.rtt().min());
    }

    @Test
    void beforeConfirmationTheDelayIsNotLimited() throws TransportException {
        detector = new LossDetector(RENO, false, MTU, false);
        send(HANDSHAKE, 0, 0);
        ack(HANDSHAKE, 100 * MS, 0, new long[] {0, 0});
        send(HANDSHAKE, 1, 200 * MS);
        ack(HANDSHAKE, 400 * MS, 90 * MS, new long[] {1, 1});
        assertEquals((7 * 100 * MS + 110 * MS) / 8, detector.rtt().smoothed());
    }

    @Test
    void packetsThatElicitNothingGiveNoSampleButCarryOne() throws TransportException {
        ackOnly(0, 0, 77);
        assertFalse(ack(APP, 50 * MS, 0, 0));
        assertFalse(detector.rtt().hasSample());
        assertEquals(List.of(77L), fate.acked);
        send(APP, 1, 60 * MS);
        ackOnly(2, 61 * MS, 78);
        assertTrue(ack(APP, 111 * MS, 1, 2));
        assertEquals(50 * MS, detector.rtt().latest(), "of the largest, an ACK alone, because packet 1 is new too");
    }

    @Test
    void acknowledgingWhatWasNotSentIsAViolation() {
        send(APP, 0, 0);
        TransportException e = assertThrows(TransportException.class, () -> ack(APP, MS, 0, 1));
        assertEquals(TransportError.PROTOCOL_VIOLATION.code(), e.code());
    }

    @Test
    void acknowledgingASkippedNumberIsAViolation() throws TransportException {
        send(APP, 0, 0);
        detector.sent(APP).skip(1);
        send(APP, 2, 0);
        assertTrue(ack(APP, 50 * MS, 0, 0, 2, 2));
        TransportException e = assertThrows(TransportException.class, () -> ack(APP, 60 * MS, 0, 2));
        assertEquals(TransportError.PROTOCOL_VIOLATION.code(), e.code());
        assertEquals(1, detector.rtt().hasSample() ? 1 : 0);
    }

    @Test
    void aSkippedNumberIsRememberedUpToALimit() throws TransportException {
        int limit = RENO.maxSkipsRemembered();
        long pn = 0;
        for (int i = 0; i <= limit; i++) {
            send(APP, pn++, 0, 1);
            detector.sent(APP).skip(pn++);
        }
        send(APP, pn, 0);
        assertTrue(ack(APP, MS, 0, 2), "the oldest skip, number 1, is forgotten");
        assertThrows(TransportException.class, () -> ack(APP, MS, 3, 4));
    }

    @Test
    void aSkippedNumberIsNoPacketThatCameAfter() throws TransportException {
        send(APP, 0, 0);
        send(APP, 1, 0);
        detector.sent(APP).skip(2);
        send(APP, 3, 0);
        send(APP, 4, 0);
        ack(APP, 50 * MS, 3, 3);
        assertEquals(List.of(), fate.lost, "0 is two packets before 3");
        ack(APP, 50 * MS, 4, 4);
        assertEquals(List.of(0L), fate.lost);
    }

    // ---- loss ----

    @Test
    void threePacketsLaterAPacketIsLost() throws TransportException {
        for (int pn = 0; pn < 6; pn++) {
            send(APP, pn, 0);
        }
        ack(APP, 50 * MS, 5, 5);
        assertEquals(List.of(0L, 1L, 2L), fate.lost);
        assertEquals(2 * MTU, detector.bytesInFlight());
        assertEquals(5 * MTU, detector.congestion().window());
        // 3 and 4 are lost when they are 9/8 of a round trip old.
        assertEquals(56_250_000, detector.deadline());
        assertEquals(Timeout.NOT_DUE, detector.onTimeout(56_249_999, fate));
        assertEquals(Timeout.LOSS, detector.onTimeout(56_250_000, fate));
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L), fate.lost);
        assertEquals(0, detector.bytesInFlight());
        assertEquals(LossDetector.NONE, detector.deadline());
        assertEquals(5, detector.packetsLost());
    }

    @Test
    void theTimeThresholdIsAtLeastTheGranularity() throws TransportException {
        send(APP, 0, 0);
        send(APP, 1, 0);
        ack(APP, 1000, 1, 1);
        assertEquals(MS, detector.deadline());
    }

    @Test
    void aPacketThatWasOnlyLateRaisesTheThresholdAndUndoesTheReduction() throws TransportException {
        for (int pn = 0; pn < 6; pn++) {
            send(APP, pn, 0);
        }
        ack(APP, 50 * MS, 3, 5);
        assertEquals(List.of(0L, 1L, 2L), fate.lost);
        long reduced = detector.congestion().window();
        fate.clear();
        ack(APP, 51 * MS, 0, 5);
        assertEquals(List.of(0L, 1L, 2L), fate.acked);
        assertEquals(3, detector.spuriousLosses());
        assertTrue(detector.congestion().window() > reduced);
        assertEquals(10 * MTU, detector.congestion().slowStartThreshold() == Long.MAX_VALUE ? 10 * MTU : 0);
        assertEquals(0, detector.bytesInFlight());
        for (int pn = 6; pn < 12; pn++) {
            send(APP, pn, 60 * MS);
        }
        fate.clear();
        ack(APP, 110 * MS, 11, 11);
        assertEquals(List.of(), fate.lost, "6 packets of reordering were seen");
    }

    @Test
    void aReductionStaysIfOneOfTheLossesIsReal() throws TransportException {
        for (int pn = 0; pn < 6; pn++) {
            send(APP, pn, 0);
        }
        ack(APP, 50 * MS, 3, 5);
        long reduced = detector.congestion().window();
        ack(APP, 51 * MS, 1, 5);
        assertEquals(2, detector.spuriousLosses());
        assertEquals(reduced, detector.congestion().window());
    }

    @Test
    void theReorderingThresholdHasALimit() throws TransportException {
        detector = confirmed(RecoveryConfig.builder().maxPacketThreshold(10).build());
        for (int pn = 0; pn < 100; pn++) {
            send(APP, pn, 0);
        }
        ack(APP, 50 * MS, 99, 99);
        ack(APP, 51 * MS, 0, 99);
        for (int pn = 100; pn < 120; pn++) {
            send(APP, pn, 60 * MS);
        }
        fate.clear();
        ack(APP, 110 * MS, 119, 119);
        assertEquals(10, fate.lost.size(), "100 to 109 are ten packets or more before 119");
    }

    @Test
    void aLostMtuProbeIsNoCongestion() throws TransportException {
        detector.sent(APP).begin(0);
        detector.sent(APP).add(SentFrame.MTU_PROBE, 1400, 0, 0);
        detector.onPacketSent(APP, 0, 1400, true, true, 0);
        for (int pn = 1; pn < 5; pn++) {
            send(APP, pn, 0);
        }
        ack(APP, 50 * MS, 1, 4);
        assertEquals(List.of(1400L), fate.lost);
        assertTrue(detector.congestion().window() >= 10 * MTU);
        assertEquals(0, detector.bytesInFlight());
    }

    /** RFC 9002 section 7.6.3, seconds scaled so that a PTO is 2. */
    @Test
    void persistentCongestionAsInTheExample() throws TransportException {
        // smoothed + 4 * variance + max_ack_delay = 2 s, after the sample of 200 ms for packet 1.
        long s = 1000 * MS;
        detector.peerMaxAckDelay(1400 * MS);
        send(APP, 1, 0);
        send(APP, 2, s);
        ack(APP, 200 * MS, 1, 1);
        assertEquals(2 * s, detector.pto());
        for (long[] packet : new long[][] {{3, 2}, {4, 3}, {5, 4}, {6, 5}, {7, 6}, {8, 8}, {9, 12}}) {
            send(APP, packet[0], packet[1] * s);
        }
        ack(APP, 12_200 * MS, 9, 9);
        assertEquals(List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L), fate.lost);
        // The minimum window, and what packet 9 adds in slow start.
        assertEquals(3 * MTU, detector.congestion().window());
        assertEquals(200 * MS, detector.rtt().min());
    }

    @Test
    void anAcknowledgementInBetweenIsNoPersistentCongestion() throws TransportException {
        long s = 1000 * MS;
        detector.peerMaxAckDelay(1400 * MS);
        send(APP, 1, 0);
        ack(APP, 200 * MS, 1, 1);
        for (int pn = 2; pn <= 9; pn++) {
            send(APP, pn, (pn - 1) * s);
        }
        send(APP, 10, 12 * s);
        ack(APP, 12_200 * MS, 5, 5, 10, 10);
        assertEquals(List.of(2L, 3L, 4L, 6L, 7L, 8L, 9L), fate.lost);
        assertEquals(5 * MTU, detector.congestion().window());
    }

    @Test
    void discardingKeysForgetsPacketsAndBackoff() throws TransportException {
        detector = new LossDetector(RENO, true, MTU, false);
        send(INITIAL, 0, 0);
        detector.onTimeout(detector.deadline(), fate);
        send(HANDSHAKE, 0, 2000 * MS);
        detector.discard(INITIAL, 2000 * MS);
        assertEquals(MTU, detector.bytesInFlight());
        assertEquals(0, detector.ptoCount());
        assertEquals(0, detector.probes(INITIAL));
        assertFalse(ack(INITIAL, 2050 * MS, 0, 0), "a late ACK is of no use");
        assertEquals(MTU, detector.bytesInFlight());
    }

    @Test
    void afterRetryEverythingIsSentAgain() {
        detector = new LossDetector(RENO, true, MTU, false);
        send(INITIAL, 0, 0);
        send(INITIAL, 1, 0);
        detector.resend(INITIAL, 100 * MS, fate);
        assertEquals(List.of(0L, 1L), fate.lost);
        assertEquals(0, detector.bytesInFlight());
        assertEquals(10 * MTU, detector.congestion().window());
        assertEquals(0, detector.packetsLost());
        send(INITIAL, 2, 101 * MS);
        assertEquals(MTU, detector.bytesInFlight());
    }

    @Test
    void aNewPathBeginsAnewAndOldPacketsDoNotCount() throws TransportException {
        for (int pn = 0; pn < 5; pn++) {
            send(APP, pn, 0);
        }
        ack(APP, 50 * MS, 0, 0);
        detector.onPathChanged(60 * MS, false);
        assertFalse(detector.rtt().hasSample());
        assertEquals(0, detector.bytesInFlight());
        assertEquals(10 * MTU, detector.congestion().window());
        send(APP, 5, 60 * MS);
        ack(APP, 70 * MS, 4, 4);
        assertFalse(detector.rtt().hasSample(), "of the old path");
        assertEquals(List.of(1L), fate.lost);
        assertEquals(MTU, detector.bytesInFlight());
        assertEquals(10 * MTU, detector.congestion().window());
        ack(APP, 90 * MS, 5, 5);
        assertEquals(30 * MS, detector.rtt().latest());
        assertEquals(0, detector.bytesInFlight());
    }

    // ---- ECN ----

    @Test
    void aCongestionMarkReducesTheWindow() throws TransportException {
        detector = new LossDetector(RENO, false, MTU, true);
        for (int pn = 0; pn < 4; pn++) {
            detector.sent(APP).begin(pn);
            detector.onPacketSent(APP, pn, MTU, true, true, detector.ecn().codepoint());
        }
        Frame.Ack plain = Frame.Ack.of(0, 0, 1);
        detector.onAckReceived(APP, new Frame.Ack(1, 0, 1, 0, plain.buf(), plain.off(), 2, 0, 0), 0, 50 * MS, fate);
        assertEquals(EcnValidator.State.CAPABLE, detector.ecn().state());
        long window = detector.congestion().window();
        detector.onAckReceived(APP, new Frame.Ack(3, 0, 3, 0, plain.buf(), plain.off(), 3, 0, 1), 0, 60 * MS, fate);
        assertEquals(window / 2, detector.congestion().window());
    }
}
