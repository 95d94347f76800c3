package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.recovery.LossDetector.Timeout;
import dev.tokioj.quic.wire.TransportException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When to probe and for which packets (RFC 9002 section 6.2). */
class LossTimerTest extends LossDetectorFixture {
    @Test
    void aProbeTimeoutIsArmedByTheLastElicitingPacketAndBacksOff() {
        detector.peerMaxAckDelay(25 * MS);
        send(APP, 0, 0);
        send(APP, 1, 10 * MS);
        long pto = 333 * MS + 4 * (333 * MS / 2) + 25 * MS;
        assertEquals(10 * MS + pto, detector.deadline());
        assertEquals(Timeout.PROBE, detector.onTimeout(10 * MS + pto, fate));
        assertEquals(1, detector.ptoCount());
        assertEquals(2, detector.probes(APP));
        assertEquals(List.of(0L, 1L), fate.lost, "queued again as the probes' content");
        assertEquals(2 * MTU, detector.bytesInFlight(), "but not lost");
        assertEquals(0, detector.packetsLost());
        assertEquals(10 * MS + 2 * pto, detector.deadline());
        send(APP, 2, 1100 * MS);
        send(APP, 3, 1100 * MS);
        assertEquals(0, detector.probes(APP));
        assertEquals(1100 * MS + 2 * pto, detector.deadline());
        fate.clear();
        detector.onTimeout(1100 * MS + 2 * pto, fate);
        assertEquals(List.of(2L, 3L), fate.lost, "the copies in the probes");
        assertEquals(1100 * MS + 4 * pto, detector.deadline());
    }

    @Test
    void anAcknowledgementEndsTheBackoff() throws TransportException {
        send(APP, 0, 0);
        send(APP, 1, 0);
        detector.onTimeout(detector.deadline(), fate);
        detector.onTimeout(detector.deadline(), fate);
        assertEquals(2, detector.ptoCount());
        fate.clear();
        ack(APP, 5000 * MS, 0, 0);
        assertEquals(0, detector.ptoCount());
        assertEquals(0, detector.probes(APP));
        assertEquals(List.of(0L), fate.acked);
    }

    @Test
    void whatWasQueuedForAProbeIsNotQueuedAgainWhenItIsLost() throws TransportException {
        send(APP, 0, 0);
        detector.onTimeout(detector.deadline(), fate);
        assertEquals(List.of(0L), fate.lost);
        for (int pn = 1; pn < 5; pn++) {
            send(APP, pn, 2000 * MS);
        }
        ack(APP, 2050 * MS, 1, 4);
        assertEquals(List.of(0L), fate.lost);
        assertEquals(1, detector.packetsLost());
        assertEquals(0, detector.bytesInFlight());
    }

    @Test
    void thereIsNoApplicationProbeBeforeConfirmation() {
        detector = new LossDetector(RENO, false, MTU, false);
        send(APP, 0, 0);
        assertEquals(LossDetector.NONE, detector.deadline());
        send(HANDSHAKE, 0, 10 * MS);
        long pto = 333 * MS + 4 * (333 * MS / 2);
        assertEquals(10 * MS + pto, detector.deadline(), "without max_ack_delay");
        detector.onTimeout(10 * MS + pto, fate);
        assertEquals(2, detector.probes(HANDSHAKE));
        assertEquals(0, detector.probes(APP));
        detector.onHandshakeConfirmed(20 * MS);
        assertTrue(detector.deadline() < LossDetector.NONE);
    }

    @Test
    void initialAndHandshakeAreProbedTogether() {
        detector = new LossDetector(RENO, false, MTU, false);
        send(INITIAL, 0, 0);
        send(HANDSHAKE, 0, 0);
        detector.onTimeout(detector.deadline(), fate);
        assertEquals(2, detector.probes(INITIAL));
        assertEquals(2, detector.probes(HANDSHAKE));
    }

    @Test
    void aClientProbesWithNothingInFlightUntilItsAddressIsValidated() throws TransportException {
        detector = new LossDetector(RENO, true, MTU, false);
        send(INITIAL, 0, 0);
        ack(INITIAL, 100 * MS, 0, 0);
        assertEquals(0, detector.sent(INITIAL).ackElicitingInFlight());
        assertEquals(100 * MS + 300 * MS, detector.deadline());
        assertEquals(Timeout.PROBE, detector.onTimeout(400 * MS, fate));
        assertEquals(1, detector.probes(INITIAL));
        assertEquals(400 * MS + 600 * MS, detector.deadline());
        send(INITIAL, 1, 400 * MS);
        ack(INITIAL, 500 * MS, 1, 1);
        assertEquals(1, detector.ptoCount(), "an Initial's acknowledgement proves no validation");
        detector.onHandshakeKeys();
        detector.onTimeout(detector.deadline(), fate);
        assertEquals(1, detector.probes(HANDSHAKE));
        send(HANDSHAKE, 0, 2000 * MS);
        ack(HANDSHAKE, 2100 * MS, 0, 0);
        assertEquals(0, detector.ptoCount());
        assertEquals(LossDetector.NONE, detector.deadline());
    }

    @Test
    void aServerAtItsAmplificationLimitWaits() {
        detector = new LossDetector(RENO, false, MTU, false);
        send(INITIAL, 0, 0);
        long deadline = detector.deadline();
        detector.onAmplificationLimited(true, MS);
        assertEquals(LossDetector.NONE, detector.deadline());
        detector.onAmplificationLimited(false, 5000 * MS);
        assertEquals(deadline, detector.deadline(), "in the past: at once");
    }
}
