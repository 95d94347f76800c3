package dev.tokioj.bench.compare;

import java.nio.file.Path;

/**
 * What both sides of a measurement are told when they start.
 *
 * @param what what is measured: a stack may be at its best with different settings
 * @param peer whose code runs
 * @param certificates where {@code ca.pem}, {@code cert.pem} and {@code key.pem} are
 * @param group the one key exchange group offered and accepted
 * @param datagramSize bytes of UDP payload sent, at most
 * @param port the server's; 0 on the server itself
 */
record Setup(Case what, Peer peer, Path certificates, String group, int datagramSize, int port) {
    /** What the certificate names. */
    static final String HOST = "localhost";

    static final String ALPN = "bench";

    /** Streams that may be open at once: more than any case opens. */
    static final int MAX_STREAMS = 2_000;

    /** What a stream may have under way: as much as TokioJ's window grows to. */
    static final int STREAM_WINDOW = 10 << 20;

    /** What a connection may have under way: as much as TokioJ's window grows to. */
    static final int CONNECTION_WINDOW = 16 << 20;

    /** Longer than any case lets a connection rest. */
    static final int IDLE_SECONDS = 600;

    Path authority() {
        return certificates.resolve("ca.pem");
    }

    Path certificate() {
        return certificates.resolve("cert.pem");
    }

    Path key() {
        return certificates.resolve("key.pem");
    }

    Setup onPort(int value) {
        return new Setup(what, peer, certificates, group, datagramSize, value);
    }

    /** As words of a command line; {@link #parse} reads them. */
    String[] words() {
        return new String[] {
            what.name(),
            peer.name(),
            certificates.toString(),
            group,
            Integer.toString(datagramSize),
            Integer.toString(port)
        };
    }

    /** Reads {@link #words} from the second argument on: the first is the side. */
    static Setup parse(String[] args) {
        return new Setup(
                Case.valueOf(args[1]),
                Peer.valueOf(args[2]),
                Path.of(args[3]),
                args[4],
                Integer.parseInt(args[5]),
                Integer.parseInt(args[6]));
    }
}
