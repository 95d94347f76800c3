package dev.tokioj.quic.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.recovery.Rtt;
import org.junit.jupiter.api.Test;

class FlowControlTest {
    private static final long MS = 1_000_000;
    // 100 ms, before any sample.
    private final Rtt rtt = new Rtt(100 * MS, MS);
    // Of a host that keeps up.
    private final Intake intake = new Intake();

    @Test
    void aLimitIsAnnouncedUntilItsNewestValueArrives() {
        MaxValue max = new MaxValue(100);
        assertFalse(max.isDue());
        max.raise(200);
        assertTrue(max.isDue());
        assertEquals(200, max.announce());
        assertFalse(max.isDue());
        max.raise(300);
        assertEquals(300, max.announce());
        max.onLost(200);
        assertFalse(max.isDue(), "an old value is of no use");
        max.onLost(300);
        assertTrue(max.isDue());
        assertEquals(300, max.announce());
        max.onAcked(300);
        max.onLost(300);
        assertFalse(max.isDue(), "another copy arrived");
        max.raise(250);
        assertFalse(max.isDue(), "limits never shrink");
    }

    @Test
    void aBlockedSignalGoesOutOnceForEachLimit() {
        SendCredit credit = new SendCredit(10);
        assertFalse(credit.isBlockedDue());
        credit.use(10);
        assertTrue(credit.isBlockedDue());
        assertEquals(10, credit.signalBlocked());
        assertFalse(credit.isBlockedDue());
        credit.onBlockedLost(10);
        assertTrue(credit.isBlockedDue());
        credit.signalBlocked();
        assertFalse(credit.raise(10));
        assertTrue(credit.raise(20));
        credit.use(10);
        assertTrue(credit.isBlockedDue());
        credit.onBlockedLost(10);
        assertTrue(credit.isBlockedDue());
        assertThrows(IllegalStateException.class, () -> credit.use(1));
    }

    @Test
    void creditIsGivenByHalfWindowsOfWhatWasConsumed() {
        ReceiveWindow window = new ReceiveWindow(1000, 1000);
        assertTrue(window.mayReceive(1000));
        assertFalse(window.mayReceive(1001));
        window.onReceived(1000);
        window.onConsumed(499);
        assertFalse(window.isDue());
        window.onConsumed(1);
        assertTrue(window.isDue());
        assertFalse(window.mayReceive(1), "what is not announced is not granted");
        assertEquals(1500, window.announce(0, rtt, intake));
        assertFalse(window.isDue());
        assertTrue(window.mayReceive(500));
        window.onLost(1500);
        assertTrue(window.isDue());
        window.announce(1, rtt, intake);
        window.onAcked(1500);
        window.onLost(1500);
        assertFalse(window.isDue());
    }

    @Test
    void theWindowGrowsWhileItIsConsumedInFourRoundTripsUpToItsMaximum() {
        ReceiveWindow window = new ReceiveWindow(1000, 3000);
        long now = 0;
        long[] sizes = new long[4];
        for (int i = 0; i < 4; i++) {
            window.onReceived(window.limit() - window.received());
            window.onConsumed(window.window() / 2);
            window.announce(now, rtt, intake);
            sizes[i] = window.window();
            now += 199 * MS;
        }
        assertEquals(1000, sizes[0], "the first announcement knows no time");
        assertEquals(2000, sizes[1]);
        assertEquals(3000, sizes[2]);
        assertEquals(3000, sizes[3]);
    }

    @Test
    void theWindowStaysWhileThisHostIsBehindWithWhatHasCome() {
        ReceiveWindow window = new ReceiveWindow(1000, 1 << 20);
        for (long i = 1; i <= 10; i++) {
            intake.onBehind((2 * i - 1) * MS);
            window.onReceived(500);
            window.onConsumed(500);
            window.announce(2 * i * MS, rtt, intake);
        }
        assertEquals(1000, window.window());
        intake.onBehind(21 * MS);
        intake.onEmptied(22 * MS);
        intake.onBehind(23 * MS);
        window.onReceived(500);
        window.onConsumed(500);
        window.announce(24 * MS, rtt, intake);
        assertEquals(2000, window.window(), "all was read once since the last announcement");
    }

    @Test
    void whatIsOverNoLongerMakesTheRoundTripLong() {
        ReceiveWindow window = new ReceiveWindow(1000, 1 << 20);
        Rtt path = new Rtt(50 * MS, MS);
        for (int i = 0; i < 50; i++) {
            path.update(400 * MS, 0, 0);
        }
        path.update(MS, 0, 0);
        for (long i = 0; i < 2; i++) {
            window.onReceived(500);
            window.onConsumed(500);
            window.announce(i * 100 * MS, path, intake);
        }
        assertEquals(1000, window.window());
    }

    @Test
    void aSlowReaderKeepsItsWindow() {
        ReceiveWindow window = new ReceiveWindow(1000, 1 << 20);
        long now = 0;
        for (int i = 0; i < 10; i++) {
            window.onReceived(500);
            window.onConsumed(500);
            window.announce(now, rtt, intake);
            now += 201 * MS;
        }
        assertEquals(1000, window.window());
    }

    @Test
    void peersGetStreamsBackAsTheyAreRetired() {
        PeerStreams peer = new PeerStreams(10);
        assertEquals(10, peer.limit());
        peer.onUsed(9);
        assertFalse(peer.isRetired(3), "opened by the one above, and idle");
        peer.retire(9);
        assertTrue(peer.isRetired(9));
        assertEquals(11, peer.limit(), "the peer has none left: at once");
        assertTrue(peer.announcement().isDue());
    }

    @Test
    void streamCreditComesInPiecesWhileThePeerHasPlenty() {
        PeerStreams peer = new PeerStreams(100);
        for (int i = 0; i < 49; i++) {
            peer.onUsed(i);
            peer.retire(i);
        }
        assertEquals(100, peer.limit());
        peer.onUsed(49);
        assertEquals(149, peer.limit(), "half of what it was given is used");
    }

    @Test
    void theOwnerHearsOnceThatItMayOpenStreams() {
        LocalStreams local = new LocalStreams();
        assertEquals(-1, local.open());
        assertTrue(local.isBlockedDue());
        assertEquals(0, local.signalBlocked());
        assertFalse(local.isBlockedDue());
        local.raise(1);
        assertTrue(local.takeAvailable());
        assertFalse(local.takeAvailable());
        assertEquals(0, local.open());
        local.raise(2);
        assertFalse(local.takeAvailable(), "nobody waits");
    }
}
