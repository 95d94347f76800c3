package dev.tokioj.runtime.net;

import dev.tokioj.runtime.linux.PeerAddress;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Addresses seen of late, by their numbers and by their object, so that a datagram of a known peer costs no object and
 * brings the same one as before. Each table has one place for each hash and the newest wins: it is bounded, it has no chains to
 * lengthen, and the hash is keyed, so that nobody can aim at another peer's place.
 */
final class PeerCache {
    private final @Nullable PeerAddress[] byNumbers;
    private final @Nullable PeerAddress[] byObject;
    private final int shift;
    private final long key0;
    private final long key1;
    private final long key2;

    /** A cache of this many entries, a power of two. */
    PeerCache(int entries, SecureRandom random) {
        byNumbers = new PeerAddress[entries];
        byObject = new PeerAddress[entries];
        shift = Long.SIZE - Integer.numberOfTrailingZeros(entries);
        key0 = random.nextLong();
        key1 = random.nextLong();
        key2 = random.nextLong() | 1;
    }

    PeerAddress find(long high, long low, int port, int scope) {
        int place = place(high, low, port, scope);
        PeerAddress known = byNumbers[place];
        if (known != null
                && known.low() == low
                && known.port() == port
                && known.high() == high
                && known.scope() == scope) {
            return known;
        }
        PeerAddress fresh = PeerAddress.of(high, low, port, scope);
        byNumbers[place] = fresh;
        byObject[place(fresh.address().hashCode(), 0)] = fresh;
        return fresh;
    }

    PeerAddress find(InetSocketAddress address) {
        int place = place(address.hashCode(), 0);
        PeerAddress known = byObject[place];
        // equals() of an IPv6 address does not look at its scope.
        if (known != null && known.address().equals(address) && known.scope() == scopeOf(address)) {
            return known;
        }
        PeerAddress fresh = PeerAddress.of(address);
        byObject[place] = fresh;
        byNumbers[place(fresh.high(), fresh.low(), fresh.port(), fresh.scope())] = fresh;
        return fresh;
    }

    private int place(long high, long low, int port, int scope) {
        return place(high, low ^ Long.rotateLeft(((long) scope << 16) ^ port, 40));
    }

    private static int scopeOf(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address six ? six.getScopeId() : 0;
    }

    private int place(long a, long b) {
        if (shift == Long.SIZE) {
            return 0;
        }
        // Two multiplications with unknown summands (the NH family), and one that brings the bits up.
        long mixed = (a + key0) * (b + key1) + Math.unsignedMultiplyHigh(a + key0, b + key1);
        return (int) (((mixed ^ (mixed >>> 32)) * key2) >>> shift);
    }
}
