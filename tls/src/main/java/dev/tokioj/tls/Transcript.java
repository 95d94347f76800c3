package dev.tokioj.tls;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The running hash over the handshake's messages (RFC 8446 section 4.4.1); keeps them until the hash is known. */
final class Transcript {
    private List<byte[]> pending = new ArrayList<>(1);
    private @Nullable MessageDigest digest;

    void add(byte[] message) {
        if (digest == null) {
            pending.add(message);
        } else {
            digest.update(message);
        }
    }

    /** The cipher suite is chosen. May be called again with the same hash. */
    void select(HashAlgorithm hash) {
        if (digest == null) {
            digest = hash.digest();
            pending.forEach(digest::update);
            pending = List.of();
        }
    }

    /** After HelloRetryRequest the first ClientHello counts only by its hash. */
    void replaceWithMessageHash() {
        MessageDigest running = selected();
        byte[] hash = running.digest(); // which also resets it
        running.update(new byte[] {(byte) HandshakeType.MESSAGE_HASH.code(), 0, 0, (byte) hash.length});
        running.update(hash);
    }

    /** The hash over what was added so far; more may follow. */
    byte[] hash() {
        try {
            return ((MessageDigest) selected().clone()).digest();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-2 digests can be cloned", e);
        }
    }

    /** Nothing more is asked: forgets all. */
    void release() {
        pending = List.of();
        digest = null;
    }

    private MessageDigest selected() {
        if (digest == null) {
            throw new IllegalStateException("the cipher suite is not known yet");
        }
        return digest;
    }
}
