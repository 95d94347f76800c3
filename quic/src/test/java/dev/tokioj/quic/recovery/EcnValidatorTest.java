package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.recovery.EcnValidator.State;
import org.junit.jupiter.api.Test;

class EcnValidatorTest {
    private static final PacketSpaceId APP = PacketSpaceId.APPLICATION;
    private final EcnValidator ecn = new EcnValidator(true);

    private void send(int n) {
        for (int i = 0; i < n; i++) {
            ecn.onMarkedSent(APP);
        }
    }

    @Test
    void testsWithTenPacketsThenWaitsForTheVerdict() {
        assertEquals(EcnValidator.ECT0, ecn.codepoint());
        send(10);
        assertEquals(State.UNKNOWN, ecn.state());
        assertEquals(EcnValidator.NOT_ECT, ecn.codepoint());
        assertFalse(ecn.onAck(APP, 2, 2, 0, 0));
        assertEquals(State.CAPABLE, ecn.state());
        assertEquals(EcnValidator.ECT0, ecn.codepoint());
    }

    @Test
    void anAckWithoutCountsForMarkedPacketsFails() {
        send(3);
        assertFalse(ecn.onAck(APP, 0, -1, -1, -1));
        assertEquals(State.TESTING, ecn.state(), "nothing marked was acknowledged");
        ecn.onAck(APP, 1, -1, -1, -1);
        assertEquals(State.FAILED, ecn.state());
    }

    @Test
    void countsThatGrowTooLittleFail() {
        send(10);
        ecn.onAck(APP, 4, 3, 0, 0);
        assertEquals(State.FAILED, ecn.state());
    }

    @Test
    void countsThatShrinkFail() {
        send(10);
        ecn.onAck(APP, 4, 4, 0, 0);
        ecn.onAck(APP, 0, 3, 0, 0);
        assertEquals(State.FAILED, ecn.state());
    }

    @Test
    void marksThatWereNeverSentFail() {
        send(2);
        ecn.onAck(APP, 2, 3, 0, 0);
        assertEquals(State.FAILED, ecn.state());
        ecn.restart();
        ecn.onAck(APP, 0, 0, 1, 0);
        assertEquals(State.FAILED, ecn.state(), "ECT(1) is never sent");
    }

    @Test
    void congestionOnAllPacketsOfTheTestFails() {
        send(10);
        assertTrue(ecn.onAck(APP, 5, 0, 0, 5));
        assertEquals(State.UNKNOWN, ecn.state());
        assertFalse(ecn.onAck(APP, 5, 0, 0, 10));
        assertEquals(State.FAILED, ecn.state());
    }

    @Test
    void congestionIsReportedOnce() {
        send(10);
        ecn.onAck(APP, 4, 4, 0, 0);
        assertTrue(ecn.onAck(APP, 2, 5, 0, 1));
        assertFalse(ecn.onAck(APP, 1, 6, 0, 1));
    }

    @Test
    void aPathThatSwallowsMarkedPacketsFails() {
        send(10);
        for (int i = 0; i < 9; i++) {
            ecn.onMarkedLost();
        }
        assertEquals(State.UNKNOWN, ecn.state());
        ecn.onMarkedLost();
        assertEquals(State.FAILED, ecn.state());
    }

    @Test
    void whereNothingCanBeMarkedNothingIsTested() {
        EcnValidator off = new EcnValidator(false);
        assertEquals(EcnValidator.NOT_ECT, off.codepoint());
        off.restart();
        assertEquals(EcnValidator.NOT_ECT, off.codepoint());
    }

    @Test
    void countsGoOnOverAPathChange() {
        send(10);
        ecn.onAck(APP, 10, 10, 0, 0);
        ecn.restart();
        send(10);
        ecn.onAck(APP, 3, 13, 0, 0);
        assertEquals(State.CAPABLE, ecn.state());
    }
}
