package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.wire.ConnectionId;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Stateless resets (RFC 9000 10.3): their tokens, derived from our connection IDs with a key of its own, and the datagrams that
 * look like 1-RTT packets but for their last 16 bytes. A reset is shorter than what it answers, so two endpoints that have
 * both lost a connection stop answering each other.
 */
final class StatelessReset {
    static final int TOKEN_LENGTH = 16;
    /** The least that still looks like a packet: 5 bytes and the token. */
    static final int MIN_LENGTH = 21;
    /** No more than this: what it answers tells nothing then. */
    private static final int MAX_LENGTH = 64;

    private final Mac mac;
    private final SecureRandom random;

    StatelessReset(byte[] key, SecureRandom random) {
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
        this.random = random;
    }

    /** The token of one of our IDs. */
    byte[] token(ConnectionId id) {
        return token(id.toBytes(), 0, id.length());
    }

    private byte[] token(byte[] buf, int off, int len) {
        mac.update(buf, off, len);
        return Arrays.copyOf(mac.doFinal(), TOKEN_LENGTH);
    }

    /** Whether a datagram of this length may be answered at all. */
    static boolean mayAnswer(int length) {
        return length > MIN_LENGTH;
    }

    /** The reset that answers a datagram of {@code length} bytes to the ID {@code buf[off, off+len)}. */
    byte[] answer(int length, byte[] buf, int off, int len) {
        int most = Math.min(length - 1, MAX_LENGTH);
        int size = MIN_LENGTH + random.nextInt(most - MIN_LENGTH + 1);
        byte[] reset = new byte[size];
        random.nextBytes(reset);
        reset[0] = (byte) (0x40 | (reset[0] & 0x3f));
        System.arraycopy(token(buf, off, len), 0, reset, size - TOKEN_LENGTH, TOKEN_LENGTH);
        return reset;
    }
}
