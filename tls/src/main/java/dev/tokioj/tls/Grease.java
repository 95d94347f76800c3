package dev.tokioj.tls;

/**
 * Values that mean nothing and that servers must ignore (RFC 8701): a ClientHello carries some so that no server grows
 * used to a fixed set. They follow from the ClientHello's random, so that the second one after a retry has the same.
 */
final class Grease {
    private final byte[] random;

    Grease(byte[] clientRandom) {
        this.random = clientRandom;
    }

    int cipherSuite() {
        return value(0);
    }

    int group() {
        return value(1);
    }

    int extension() {
        return value(2);
    }

    private int value(int index) {
        return 0x0a0a + 0x1010 * (random[index] & 0x0f);
    }
}
