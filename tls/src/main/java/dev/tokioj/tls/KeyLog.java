package dev.tokioj.tls;

/** Receives the secrets for a debugger such as Wireshark, in the terms of the NSS key log format (SSLKEYLOGFILE). */
@FunctionalInterface
public interface KeyLog {
    /**
     * One secret. Called on the engine's thread, so it must not block. The arrays are only lent: copy what is kept.
     *
     * @param label such as {@code CLIENT_HANDSHAKE_TRAFFIC_SECRET}
     * @param clientRandom the 32 bytes of ClientHello.random, which name the connection
     */
    void line(String label, byte[] clientRandom, byte[] secret);
}
