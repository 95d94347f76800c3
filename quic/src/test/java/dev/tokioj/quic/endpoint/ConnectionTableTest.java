package dev.tokioj.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {

    @Test
    void sipHashIsThatOfItsAuthors() {
        // The test vectors of the reference implementation: key 00..0f, messages of 00, 01, 02...
        var hash = new SipHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        byte[] message = new byte[16];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) i;
        }
        assertEquals(0x726fdb47dd0e0e31L, hash.hash(message, 0, 0));
        assertEquals(0x74f839c593dc67fdL, hash.hash(message, 0, 1));
        assertEquals(0x93f5f5799a932462L, hash.hash(message, 0, 8));
        assertEquals(0xa129ca6149be45e5L, hash.hash(message, 0, 15));
        byte[] shifted = new byte[20];
        System.arraycopy(message, 0, shifted, 3, 15);
        assertEquals(0xa129ca6149be45e5L, hash.hash(shifted, 3, 15));
    }

    @Test
    void behavesAsAMapWhateverIsAddedAndRemoved() {
        for (long seed = 0; seed < 20; seed++) {
            var random = new Random(seed);
            var table = new ConnectionTable<Integer>(new SecureRandom());
            Map<String, Integer> model = new HashMap<>();
            for (int i = 0; i < 4000; i++) {
                byte[] key = new byte[1 + random.nextInt(2)];
                random.nextBytes(key);
                String name = HexFormat.of().formatHex(key);
                if (random.nextBoolean()) {
                    Integer value = i + 1_000;
                    assertEquals(model.putIfAbsent(name, value) == null, table.put(key, value), "seed " + seed);
                } else {
                    Integer value = model.remove(name);
                    if (value != null) {
                        table.remove(key, value);
                    }
                }
                assertEquals(model.get(name), table.get(key, 0, key.length), "seed " + seed);
                assertEquals(model.size(), table.size());
            }
            model.forEach((name, value) -> {
                byte[] key = HexFormat.of().parseHex(name);
                assertEquals(value, table.get(key, 0, key.length));
            });
        }
    }

    @Test
    void onlyTheOwnerRemoves() {
        var table = new ConnectionTable<String>(new SecureRandom());
        byte[] key = {1, 2, 3};
        assertTrue(table.put(key, "one"));
        assertFalse(table.put(key, "two"));
        table.remove(key, "two");
        assertEquals("one", table.get(key, 0, 3));
        table.remove(key, "one");
        assertNull(table.get(key, 0, 3));
    }

    @Test
    void keysChosenToCollideUnderThePlainHashDoNot() {
        // "Aa" and "BB" have the same Arrays.hashCode, and so has every string of them.
        var table = new ConnectionTable<Integer>(new SecureRandom());
        int n = 1 << 16;
        long start = System.nanoTime();
        for (int i = 0; i < n; i++) {
            byte[] key = new byte[32];
            for (int bit = 0; bit < 16; bit++) {
                boolean one = (i >>> bit & 1) != 0;
                key[2 * bit] = (byte) (one ? 'B' : 'A');
                key[2 * bit + 1] = (byte) (one ? 'B' : 'a');
            }
            table.put(key, i);
        }
        assertEquals(n, table.size());
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis < 20_000, "quadratic: " + millis + " ms"); // 2^31 comparisons take longer by far
    }

    @Test
    void anotherTableHasAnotherOrder() {
        var random = new SecureRandom();
        byte[] key = {1, 2, 3, 4, 5, 6, 7, 8};
        assertNotEquals(
                SipHash.random(random).hash(key, 0, 8), SipHash.random(random).hash(key, 0, 8));
    }
}
