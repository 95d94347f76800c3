package dev.tokioj.quic.endpoint;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds what belongs to a few bytes that the network chose: connections by their IDs, and by stateless reset tokens. Open
 * addressing with a keyed hash, so that chosen bytes do not collide; looking up makes no garbage.
 *
 * @param <V> what is found
 */
final class ConnectionTable<V> {
    private static final int FIRST_CAPACITY = 64;

    private final SipHash hash;
    private byte[] @Nullable [] keys = new byte[FIRST_CAPACITY] @Nullable [];
    private @Nullable Object[] values = new @Nullable Object[FIRST_CAPACITY];
    private int size;

    ConnectionTable(SecureRandom random) {
        hash = SipHash.random(random);
    }

    /** How many entries there are. */
    int size() {
        return size;
    }

    /** What belongs to {@code buf[off, off+len)}, or null. */
    @SuppressWarnings("unchecked") // put takes only V
    @Nullable V get(byte[] buf, int off, int len) {
        return (V) values[find(buf, off, len)];
    }

    /** Adds an entry; false, and nothing is changed, if there is one with this key. */
    boolean put(byte[] key, V value) {
        if (2 * (size + 1) > keys.length) {
            grow();
        }
        int at = find(key, 0, key.length);
        if (keys[at] != null) {
            return false;
        }
        keys[at] = key.clone();
        values[at] = value;
        size++;
        return true;
    }

    /** Removes the entry with this key if it is {@code value}'s. */
    @SuppressWarnings("ReferenceEquality") // the very same, whatever equality it has
    void remove(byte[] key, V value) {
        int at = find(key, 0, key.length);
        if (values[at] != value) {
            return;
        }
        size--;
        // Whatever follows without a gap moves up if it belongs before the hole.
        int mask = keys.length - 1;
        int hole = at;
        int i = (at + 1) & mask;
        byte[] next = keys[i];
        while (next != null) {
            int home = slot(next, 0, next.length);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                keys[hole] = next;
                values[hole] = values[i];
                hole = i;
            }
            i = (i + 1) & mask;
            next = keys[i];
        }
        keys[hole] = null;
        values[hole] = null;
    }

    /** The slot of the key, or the empty one where it would go. */
    private int find(byte[] buf, int off, int len) {
        int mask = keys.length - 1;
        int at = slot(buf, off, len);
        byte[] key = keys[at];
        while (key != null && !Arrays.equals(key, 0, key.length, buf, off, off + len)) {
            at = (at + 1) & mask;
            key = keys[at];
        }
        return at;
    }

    private int slot(byte[] buf, int off, int len) {
        return (int) hash.hash(buf, off, len) & (keys.length - 1);
    }

    private void grow() {
        byte[] @Nullable [] oldKeys = keys;
        @Nullable Object[] oldValues = values;
        keys = new byte[2 * oldKeys.length] @Nullable [];
        values = new @Nullable Object[2 * oldKeys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            byte[] key = oldKeys[i];
            if (key != null) {
                int at = find(key, 0, key.length);
                keys[at] = key;
                values[at] = oldValues[i];
            }
        }
    }
}
