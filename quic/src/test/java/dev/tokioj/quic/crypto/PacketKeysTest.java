package dev.tokioj.quic.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.CipherSuite;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PacketKeysTest {
    private static final long SEED = 20_000;
    private static final int HEADER = 1 + 8 + 4;

    private final Random random = new Random(SEED);

    private byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }

    private byte[] plain(long pn, int payload) {
        byte[] buf = new byte[HEADER + payload + PacketKeys.TAG_LENGTH];
        ByteWriter w = new ByteWriter().reset(buf, 0, buf.length);
        PacketHeader.writeShort(w, ConnectionId.of(new byte[8]), false, false, pn, 4);
        w.bytes(bytes(payload));
        return buf;
    }

    private static int open(PacketKeys keys, byte[] packet, long pn) {
        int pnLength = keys.unprotectHeader(packet, 0, 9);
        return keys.open(packet, 0, 9 + pnLength, packet.length - 9 - pnLength, pn);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSealedOpensAndNothingElse(CipherSuite suite) {
        byte[] secret = bytes(suite.hash().length());
        PacketKeys sealing = PacketKeys.of(suite, secret, Version.V1);
        PacketKeys opening = PacketKeys.of(suite, secret, Version.V1);
        for (int i = 0; i < 300; i++) {
            long pn = random.nextLong(1L << 62);
            int payload = random.nextInt(1400);
            byte[] plain = plain(pn, payload);
            byte[] packet = plain.clone();
            assertEquals(packet.length, sealing.seal(packet, 0, HEADER, payload, pn));
            String message = "seed " + SEED + " packet " + i;

            byte[] forged = packet.clone();
            forged[random.nextInt(forged.length)] ^= (byte) (1 << random.nextInt(8));
            assertEquals(-1, open(opening, forged, pn), message);
            assertEquals(-1, open(opening, packet.clone(), pn ^ (1L << random.nextInt(62))), message);

            assertEquals(payload, open(opening, packet, pn), message);
            int end = HEADER + payload;
            assertArrayEquals(Arrays.copyOf(plain, end), Arrays.copyOf(packet, end), message);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPacketThatFailsKeepsItsLast16Bytes(CipherSuite suite) {
        PacketKeys keys = PacketKeys.of(suite, bytes(suite.hash().length()), Version.V1);
        for (int size = HEADER + 16; size < 200; size++) {
            byte[] reset = bytes(size);
            byte[] token = Arrays.copyOfRange(reset, size - 16, size);
            if (size - 16 < 9 + 4) {
                continue;
            }
            assertEquals(-1, open(keys, reset, size));
            assertArrayEquals(token, Arrays.copyOfRange(reset, size - 16, size), "size " + size + " seed " + SEED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void lessThanATagIsNotAuthentic(CipherSuite suite) {
        PacketKeys keys = PacketKeys.of(suite, bytes(suite.hash().length()), Version.V1);
        for (int len = 0; len < 16; len++) {
            assertEquals(-1, keys.open(new byte[64], 0, 13, len, 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPacketNumberIsNotSealedTwiceInARow(CipherSuite suite) {
        PacketKeys keys = PacketKeys.of(suite, bytes(suite.hash().length()), Version.V1);
        keys.seal(plain(5, 50), 0, HEADER, 50, 5);
        assertThrows(IllegalStateException.class, () -> keys.seal(plain(5, 50), 0, HEADER, 50, 5));
    }

    @ParameterizedTest
    @EnumSource
    void aPacketTooShortForTheSampleIsNotSealed(CipherSuite suite) {
        PacketKeys keys = PacketKeys.of(suite, bytes(suite.hash().length()), Version.V1);
        byte[] buf = new byte[64];
        PacketHeader.writeShort(new ByteWriter().reset(buf, 0, 64), ConnectionId.EMPTY, false, false, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> keys.seal(buf, 0, 2, 2, 1));
        assertEquals(2 + 3 + 16, keys.seal(buf, 0, 2, 3, 1));
    }

    @ParameterizedTest
    @EnumSource
    void theNextKeysDifferAndShareHeaderProtection(CipherSuite suite) {
        byte[] secret = bytes(suite.hash().length());
        PacketKeys keys = PacketKeys.of(suite, secret, Version.V1);
        PacketKeys next = keys.next();
        byte[] first = plain(1, 100);
        byte[] second = first.clone();
        keys.seal(first, 0, HEADER, 100, 1);
        next.seal(second, 0, HEADER, 100, 1);
        assertFalse(Arrays.equals(first, second));
        assertEquals(keys.headerProtection(), next.headerProtection());
        PacketKeys peer = PacketKeys.of(suite, secret, Version.V1).next();
        assertEquals(100, open(peer, second, 1));
        assertEquals(-1, open(peer, first, 1));
    }

    @ParameterizedTest
    @EnumSource
    void destroyedKeysAreOfNoUse(CipherSuite suite) {
        byte[] secret = bytes(suite.hash().length());
        byte[] mine = secret.clone();
        PacketKeys keys = PacketKeys.of(suite, mine, Version.V1);
        keys.destroy();
        assertArrayEquals(secret, mine);
        assertThrows(IllegalStateException.class, () -> keys.seal(plain(1, 50), 0, HEADER, 50, 1));
        assertThrows(IllegalStateException.class, () -> keys.open(new byte[64], 0, 13, 51, 1));
    }
}
