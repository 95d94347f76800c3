package dev.tokioj.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketNumber;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.CipherSuite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyPhaseTest {
    private static final CipherSuite SUITE = CipherSuite.TLS_AES_128_GCM_SHA256;
    private static final long PTO = 100;
    private static final int PAYLOAD = 32;

    /** One end: its keys and the numbers of its packets. */
    private static final class End {
        final KeyPhase keys;
        long nextPn;
        long largest = -1;

        End(int read, int write, AeadLimits limits) {
            keys = new KeyPhase(packetKeys(read), packetKeys(write), limits);
            keys.onHandshakeConfirmed();
        }

        private static PacketKeys packetKeys(int which) {
            byte[] secret = new byte[32];
            Arrays.fill(secret, (byte) which);
            return PacketKeys.of(SUITE, secret, Version.V1);
        }

        byte[] seal() {
            long pn = nextPn++;
            byte[] buf = new byte[1 + 4 + PAYLOAD + 16];
            ByteWriter w = new ByteWriter().reset(buf, 0, buf.length);
            PacketHeader.writeShort(w, ConnectionId.EMPTY, false, keys.bit(), pn, 4);
            for (int i = 0; i < PAYLOAD / 8; i++) {
                w.u64(pn);
            }
            assertEquals(buf.length, keys.seal(buf, 0, 5, PAYLOAD, pn));
            return buf;
        }

        /** Opens a copy of the packet; whether it was authentic. */
        boolean open(byte[] sealed, long now) throws TransportException {
            byte[] packet = sealed.clone();
            int pnLength = keys.unprotectHeader(packet, 0, 1);
            long pn = PacketNumber.decode(largest, PacketNumber.truncated(packet, 1, pnLength), 8 * pnLength);
            int length = keys.open(packet, 0, 1 + pnLength, packet.length - 1 - pnLength, pn, now, PTO);
            if (length < 0) {
                return false;
            }
            assertEquals(PAYLOAD, length);
            byte[] expected = new byte[PAYLOAD];
            ByteWriter w = new ByteWriter().reset(expected, 0, PAYLOAD);
            for (int i = 0; i < PAYLOAD / 8; i++) {
                w.u64(pn);
            }
            assertArrayEquals(expected, Arrays.copyOfRange(packet, 5, 5 + PAYLOAD));
            largest = Math.max(largest, pn);
            return true;
        }
    }

    private static final AeadLimits LIMITS = AeadLimits.of(SUITE);

    private final End a = new End(1, 2, LIMITS);
    private final End b = new End(2, 1, LIMITS);

    private static void assertError(TransportError error, org.junit.jupiter.api.function.Executable body) {
        assertEquals(error.code(), assertThrows(TransportException.class, body).code());
    }

    @Test
    void anUpdateIsAnsweredAndAcknowledged() throws TransportException {
        assertTrue(b.open(a.seal(), 0));
        assertTrue(a.open(b.seal(), 0));
        a.keys.update(0);
        assertTrue(a.keys.bit());
        assertFalse(b.keys.bit());
        assertTrue(b.open(a.seal(), 10));
        assertTrue(b.keys.bit());
        assertEquals(1, b.keys.generation());
        assertTrue(a.open(b.seal(), 20));
        a.keys.onAckReceived(1, 20, PTO);
        assertFalse(a.keys.canUpdate(319));
        assertTrue(a.keys.canUpdate(320));
    }

    @Test
    void noUpdateBeginsBeforeTheHandshakeIsConfirmed() {
        KeyPhase early = new KeyPhase(End.packetKeys(1), End.packetKeys(2));
        assertFalse(early.canUpdate(0));
        assertThrows(IllegalStateException.class, () -> early.update(0));
        early.onHandshakeConfirmed();
        early.update(0);
        assertEquals(1, early.generation());
    }

    @Test
    void noSecondUpdateBeginsBeforeAPacketOfThisPhaseIsAcknowledged() throws TransportException {
        a.seal();
        a.keys.update(0);
        assertFalse(a.keys.canUpdate(1_000_000));
        a.seal();
        assertTrue(b.open(a.seal(), 1));
        assertTrue(a.open(b.seal(), 2));
        a.keys.onAckReceived(0, 2, PTO); // a packet of the phase before
        assertFalse(a.keys.canUpdate(1_000_000));
        a.keys.onAckReceived(2, 3, PTO);
        assertTrue(a.keys.canUpdate(3 + 3 * PTO));
    }

    @Test
    void bothMayUpdateAtOnce() throws TransportException {
        assertTrue(b.open(a.seal(), 0));
        assertTrue(a.open(b.seal(), 0));
        a.keys.update(0);
        b.keys.update(0);
        byte[] fromA = a.seal();
        byte[] fromB = b.seal();
        assertTrue(b.open(fromA, 1));
        assertTrue(a.open(fromB, 1));
        assertEquals(1, a.keys.generation());
        assertEquals(1, b.keys.generation());
    }

    @Test
    void packetsOfTheOldPhaseOpenFor3PtoAfterTheFirstOfTheNew() throws TransportException {
        byte[] late = a.seal();
        byte[] later = a.seal();
        assertTrue(b.open(a.seal(), 0));
        a.keys.update(0);
        assertTrue(b.open(a.seal(), 1000));
        assertEquals(1300, b.keys.oldKeysDeadline());
        assertTrue(b.open(late, 1299));
        assertFalse(b.open(later, 1300));
        assertEquals(Long.MAX_VALUE, b.keys.oldKeysDeadline());
    }

    @Test
    void theInitiatorKeepsTheOldKeysUntilThePeerHasUpdated() throws TransportException {
        byte[] old = b.seal();
        byte[] older = b.seal();
        a.keys.update(0);
        assertEquals(Long.MAX_VALUE, a.keys.oldKeysDeadline());
        assertTrue(a.open(old, 1_000_000));
        assertTrue(b.open(a.seal(), 1_000_001));
        assertTrue(a.open(b.seal(), 1_000_002));
        assertEquals(1_000_302, a.keys.oldKeysDeadline());
        assertTrue(a.open(older, 1_000_301));
        a.keys.discardOldKeys(1_000_302);
        assertFalse(a.open(older, 1_000_303));
    }

    @Test
    void forgedUpdatesChangeNothing() throws TransportException {
        long seed = 6;
        Random random = new Random(seed);
        assertTrue(b.open(a.seal(), 0));
        byte[] good = a.seal();
        for (int i = 0; i < 500; i++) {
            byte[] forged = good.clone();
            random.nextBytes(forged);
            forged[0] = (byte) (0x40 | (forged[0] & 0x3f));
            assertFalse(b.open(forged, i), "seed " + seed + " " + i);
            assertEquals(0, b.keys.generation());
            assertFalse(b.keys.bit());
            assertEquals(Long.MAX_VALUE, b.keys.oldKeysDeadline());
            assertEquals(i + 1, b.keys.failedOpens());
        }
        assertTrue(b.open(good, 600));
        a.keys.update(0);
        assertTrue(b.open(a.seal(), 601));
        assertEquals(1, b.keys.generation());
    }

    @Test
    void twoUpdatesWithoutWaitingAreAKeyUpdateError() throws TransportException {
        // The cheat learns from a twin of b that its first update arrived; b itself has not said so when the second
        // comes.
        End cheat = new End(1, 2, LIMITS);
        End twin = new End(2, 1, LIMITS);
        cheat.keys.update(0);
        byte[] first = cheat.seal();
        assertTrue(twin.open(first, 0));
        assertTrue(cheat.open(twin.seal(), 0));
        cheat.keys.onAckReceived(0, 0, 0);
        cheat.keys.update(0);
        byte[] second = cheat.seal();
        assertTrue(b.open(first, 1));
        assertError(TransportError.KEY_UPDATE_ERROR, () -> b.open(second, 2));

        assertTrue(twin.open(second, 2)); // which has sent a packet in between
        assertEquals(2, twin.keys.generation());
    }

    @Test
    void newKeysOnALowerPacketNumberAreAKeyUpdateError() throws TransportException {
        assertTrue(b.open(a.seal(), 0));
        a.nextPn = 10;
        assertTrue(b.open(a.seal(), 0));
        a.keys.update(0);
        a.nextPn = 5;
        byte[] lower = a.seal();
        assertError(TransportError.KEY_UPDATE_ERROR, () -> b.open(lower, 1));
    }

    @Test
    void newKeysBelowAnOldPacketThatCameLateAreAKeyUpdateError() throws TransportException {
        a.nextPn = 20;
        byte[] old = a.seal();
        a.nextPn = 0;
        assertTrue(b.open(a.seal(), 0));
        a.keys.update(0);
        a.nextPn = 30;
        assertTrue(b.open(a.seal(), 0));
        assertTrue(b.open(old, 1));
        a.nextPn = 10;
        byte[] between = a.seal();
        assertError(TransportError.KEY_UPDATE_ERROR, () -> b.open(between, 2));
    }

    @Test
    void newKeysAcknowledgedWithOldOnesAreAKeyUpdateError() throws TransportException {
        a.seal();
        byte[] old = b.seal();
        a.keys.update(0);
        a.seal();
        assertTrue(a.open(old, 1));
        a.keys.onAckReceived(0, 1, PTO);
        assertError(TransportError.KEY_UPDATE_ERROR, () -> a.keys.onAckReceived(1, 1, PTO));
    }

    @Test
    void manyUpdatesWithReorderingLoseNothing() throws TransportException {
        long seed = 2_026;
        Random random = new Random(seed);
        long now = 0;
        for (int round = 0; round < 40; round++) {
            List<byte[]> flight = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                flight.add(a.seal());
            }
            End initiator = round % 2 == 0 ? a : b;
            initiator.keys.update(now);
            for (int i = 0; i < 5; i++) {
                flight.add(a.seal());
            }
            List<byte[]> back = new ArrayList<>(List.of(b.seal(), b.seal()));
            if (initiator == b) {
                // The peer must see the new phase before it may number packets of its own into it.
                assertTrue(a.open(back.getFirst(), now));
                back.removeFirst();
                flight.add(a.seal());
            }
            java.util.Collections.shuffle(flight, random);
            for (byte[] packet : flight) {
                assertTrue(b.open(packet, now), "seed " + seed + " round " + round);
            }
            back.add(b.seal());
            for (byte[] packet : back) {
                assertTrue(a.open(packet, now), "seed " + seed + " round " + round);
            }
            assertTrue(b.open(a.seal(), now));
            assertEquals(round + 1, a.keys.generation());
            assertEquals(round + 1, b.keys.generation());
            a.keys.onAckReceived(b.largest, now, PTO);
            b.keys.onAckReceived(a.largest, now, PTO);
            now += 3 * PTO;
        }
        assertEquals(0, a.keys.failedOpens() + b.keys.failedOpens());
    }

    @Test
    void theConfidentialityLimitAsksForAnUpdateAndThenForTheEnd() {
        End few = new End(1, 2, new AeadLimits(16, 100));
        for (int i = 0; i < 8; i++) {
            assertFalse(few.keys.isUpdateDue());
            few.seal();
        }
        assertTrue(few.keys.isUpdateDue());
        few.keys.update(0);
        assertFalse(few.keys.isUpdateDue());
        for (int i = 0; i < 14; i++) {
            assertFalse(few.keys.isExhausted());
            few.seal();
        }
        assertFalse(few.keys.canUpdate(Long.MAX_VALUE - 1));
        assertTrue(few.keys.isExhausted());
        few.seal();
        few.seal();
        assertThrows(IllegalStateException.class, few::seal);
    }

    @Test
    void theIntegrityLimitEndsTheConnection() throws TransportException {
        End strict = new End(2, 1, new AeadLimits(100, 3));
        for (int i = 0; i < 3; i++) {
            assertFalse(strict.open(new byte[60], 0));
        }
        assertError(TransportError.AEAD_LIMIT_REACHED, () -> strict.open(new byte[60], 0));
    }

    @Test
    void theLimitsAreThoseOfSection66() {
        assertEquals(new AeadLimits(1L << 23, 1L << 52), AeadLimits.of(CipherSuite.TLS_AES_128_GCM_SHA256));
        assertEquals(new AeadLimits(1L << 23, 1L << 52), AeadLimits.of(CipherSuite.TLS_AES_256_GCM_SHA384));
        assertEquals(
                1L << 36,
                AeadLimits.of(CipherSuite.TLS_CHACHA20_POLY1305_SHA256).integrity());
        assertEquals(1L << 23, a.keys.generation() == 0 ? End.packetKeys(1).confidentialityLimit() : 0);
        assertThrows(IllegalArgumentException.class, () -> new AeadLimits(0, 1));
    }

    @Test
    void theHeaderMustHaveTheKeyPhaseBit() {
        byte[] buf = new byte[64];
        PacketHeader.writeShort(new ByteWriter().reset(buf, 0, 64), ConnectionId.EMPTY, false, true, 1, 4);
        assertThrows(IllegalArgumentException.class, () -> a.keys.seal(buf, 0, 5, 32, 1));
    }
}
