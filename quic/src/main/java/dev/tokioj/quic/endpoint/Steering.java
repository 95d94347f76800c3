package dev.tokioj.quic.endpoint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.SecureRandom;

/**
 * Which of a server's loops a datagram is for: a number computed under a secret key from the first four octets of its Destination
 * Connection ID, which a packet filter can compute too. Our IDs are drawn so that the number is their loop's; a client's first ID
 * is its own choice and thereby picks some loop, the same for every packet that carries it.
 *
 * <pre>
 * a = octets; a *= firstFactor; a ^= a &gt;&gt;&gt; 16; a *= secondFactor; a &gt;&gt;&gt;= 16; loop = a mod loops     (32 bits, no signs)
 * </pre>
 *
 * <p>No octet of an ID says what its loop is: who does not know the key cannot tell by it which IDs are one connection's (RFC 9000
 * section 5.1), nor choose IDs that all fall on one loop; the loops may be any number; and what else is encoded in IDs, such as a
 * load balancer's encrypted server ID, goes with it if its nonce is drawn until the loop is right. Immutable; any thread.
 */
public final class Steering {
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** Most loops of one server; the mixing gives 16 bits, so each is within 2 % of its share. */
    public static final int MAX_LOOPS = 1024;

    /** Where the Destination Connection ID begins in a datagram whose first packet has a short header (RFC 9000 section 17.3). */
    public static final int SHORT_HEADER_ID = 1;

    /** Likewise with a long header (RFC 9000 section 17.2). */
    public static final int LONG_HEADER_ID = 6;

    /** The bit of the first octet that tells a long header. */
    public static final int LONG_HEADER = 0x80;

    private static final int OCTETS = 4;

    private final int loops;
    private final int firstFactor;
    private final int secondFactor;

    private Steering(int loops, int firstFactor, int secondFactor) {
        this.loops = loops;
        this.firstFactor = firstFactor;
        this.secondFactor = secondFactor;
    }

    /** Under a key that nobody knows. */
    static Steering random(int loops, SecureRandom random) {
        if (loops < 1 || loops > MAX_LOOPS) {
            throw new IllegalArgumentException("loops = " + loops + ": not in [1, " + MAX_LOOPS + "]");
        }
        return loops == 1 ? new Steering(1, 1, 1) : new Steering(loops, random.nextInt() | 1, random.nextInt() | 1);
    }

    /** How many loops there are. */
    public int loops() {
        return loops;
    }

    /** Part of the key: odd, so that no octet is lost. */
    public int firstFactor() {
        return firstFactor;
    }

    /** The other part. */
    public int secondFactor() {
        return secondFactor;
    }

    /** The loop that a datagram is for; -1 if it is too short to have a connection ID. */
    public int loopOf(byte[] buf, int off, int len) {
        int at = len > 0 && (buf[off] & LONG_HEADER) != 0 ? LONG_HEADER_ID : SHORT_HEADER_ID;
        return len >= at + OCTETS ? loopOf((int) INTS.get(buf, off + at)) : -1;
    }

    private int loopOf(int octets) {
        int a = octets * firstFactor;
        a ^= a >>> 16;
        a *= secondFactor;
        return (a >>> 16) % loops;
    }

    /** Changes the first octets of a random ID so that they name the loop. */
    void sign(byte[] id, int loop) {
        if (loops == 1) {
            return;
        }
        int octets = (int) INTS.get(id, 0);
        while (loopOf(octets) != loop) { // one in as many as there are loops
            octets++;
        }
        INTS.set(id, 0, octets);
    }
}
