package dev.tokioj.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.ConnectionId;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How datagrams find their loop. */
class SteeringTest {
    private final SecureRandom random = seeded();

    /** The same keys and IDs in every run. */
    private static SecureRandom seeded() {
        try {
            SecureRandom made = SecureRandom.getInstance("SHA1PRNG");
            made.setSeed(20261121);
            return made;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }

    private static byte[] shortHeader(ConnectionId id) {
        byte[] datagram = new byte[40];
        datagram[0] = 0x40;
        id.copyTo(datagram, Steering.SHORT_HEADER_ID);
        return datagram;
    }

    private static byte[] longHeader(ConnectionId id) {
        byte[] datagram = new byte[60];
        datagram[0] = (byte) 0xc0;
        datagram[5] = (byte) id.length();
        id.copyTo(datagram, Steering.LONG_HEADER_ID);
        return datagram;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 64, 1024})
    void idsNameTheirLoop(int loops) {
        Steering steering = Steering.random(loops, random);
        for (int length : new int[] {4, 8, 20}) {
            for (int loop = 0; loop < loops; loop += Math.max(1, loops / 8)) {
                ConnectionId id = new CidGenerator(random, length, steering, loop).next();
                byte[] small = shortHeader(id);
                assertEquals(loop, steering.loopOf(small, 0, small.length));
                byte[] large = longHeader(id);
                assertEquals(loop, steering.loopOf(large, 0, large.length));
            }
        }
    }

    @Test
    void theFirstIdsOfClientsSpreadOverAllLoops() {
        for (int loops : new int[] {2, 3, 7}) {
            Steering steering = Steering.random(loops, random);
            int[] count = new int[loops];
            byte[] id = new byte[8];
            for (int i = 0; i < 10_000 * loops; i++) {
                random.nextBytes(id);
                byte[] datagram = longHeader(ConnectionId.of(id));
                count[steering.loopOf(datagram, 0, datagram.length)]++;
            }
            for (int each : count) {
                assertTrue(each > 9_000 && each < 11_000, each + " of " + 10_000 * loops + " on one of " + loops);
            }
        }
    }

    /** An observer who sees IDs of one connection, and of others, finds no bit that they have in common. */
    @Test
    void noBitOfAnIdTellsItsLoop() {
        CidGenerator cids = new CidGenerator(random, 8, Steering.random(8, random), 5);
        int n = 4000;
        int[] ones = new int[64];
        for (int i = 0; i < n; i++) {
            byte[] id = cids.next().toBytes();
            for (int bit = 0; bit < 64; bit++) {
                ones[bit] += (id[bit / 8] >> (7 - bit % 8)) & 1;
            }
        }
        for (int bit = 0; bit < 64; bit++) {
            assertTrue(ones[bit] > n * 0.4 && ones[bit] < n * 0.6, "bit " + bit + " is set in " + ones[bit]);
        }
    }

    @Test
    void whatIsTooShortIsForNoLoop() {
        Steering steering = Steering.random(4, random);
        for (int length = 0; length < 10; length++) {
            byte[] datagram = new byte[length];
            assertEquals(length >= 5, steering.loopOf(datagram, 0, length) >= 0, "short header, " + length);
            if (length > 0) {
                datagram[0] = (byte) 0xc0;
                assertEquals(length >= 10, steering.loopOf(datagram, 0, length) >= 0, "long header, " + length);
            }
        }
    }

    @Test
    void thereIsALimitOfLoops() {
        assertThrows(IllegalArgumentException.class, () -> Steering.random(0, random));
        assertThrows(IllegalArgumentException.class, () -> Steering.random(1025, random));
    }
}
