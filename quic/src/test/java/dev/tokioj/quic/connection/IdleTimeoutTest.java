package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class IdleTimeoutTest {

    @Test
    void theLesserOfBothAndZeroIsNone() {
        assertEquals(IdleTimeout.NEVER, timeout(0, 0).deadline(1));
        assertEquals(1_000, timeout(1_000, 0).deadline(1));
        assertEquals(500, timeout(0, 500).deadline(1));
        assertEquals(500, timeout(1_000, 500).deadline(1));
        assertEquals(1_000, timeout(1_000, Long.MAX_VALUE).deadline(1));
    }

    private static IdleTimeout timeout(long ours, long peers) {
        var idle = new IdleTimeout(ours, 0, 0, 0);
        idle.negotiate(peers);
        return idle;
    }

    @Test
    void neverLessThanThreeProbeTimeouts() {
        assertEquals(3_000, timeout(1_000, 0).deadline(1_000));
    }

    @Test
    void onlyTheFirstSendSinceSomethingWasHeardCounts() {
        var idle = new IdleTimeout(1_000, 400, 0, 0);
        idle.onAckElicitingSent(100);
        idle.onAckElicitingSent(200);
        assertEquals(1_100, idle.deadline(1));
        idle.onReceived(300);
        assertEquals(1_300, idle.deadline(1));
        assertEquals(700, idle.keepAliveDeadline());
        idle.onKeepAlive();
        assertEquals(IdleTimeout.NEVER, idle.keepAliveDeadline());
    }

    @Test
    void restsOnceAfterTheLastPacketAndAgainAfterTheNext() {
        var idle = new IdleTimeout(1_000, 0, 50, 0);
        idle.onReceived(10);
        idle.onPacket(30);
        assertEquals(80, idle.quietDeadline());
        idle.onQuiet();
        assertEquals(IdleTimeout.NEVER, idle.quietDeadline());
        idle.onPacket(500);
        assertEquals(550, idle.quietDeadline());
        assertEquals(IdleTimeout.NEVER, new IdleTimeout(1_000, 0, 0, 0).quietDeadline());
    }
}
