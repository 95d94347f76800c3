package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.wire.ConnectionId;
import java.security.SecureRandom;

/** Makes connection IDs (RFC 9000 5.1): random, but for what {@link Steering} needs to find the loop that owns the connection. */
final class CidGenerator {
    private final SecureRandom random;
    private final int length;
    private final Steering steering;
    private final int loop;

    CidGenerator(SecureRandom random, int length, Steering steering, int loop) {
        this.random = random;
        this.length = length;
        this.steering = steering;
        this.loop = loop;
    }

    /** A fresh ID. */
    ConnectionId next() {
        byte[] id = new byte[length];
        random.nextBytes(id);
        steering.sign(id, loop);
        return ConnectionId.of(id);
    }
}
