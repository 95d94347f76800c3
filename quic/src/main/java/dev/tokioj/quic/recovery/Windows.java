package dev.tokioj.quic.recovery;

/** The initial and minimum congestion windows of RFC 9002 section 7.2. */
final class Windows {
    private static final int INITIAL_LIMIT = 14_720;

    private Windows() {}

    static long initial(RecoveryConfig config, int maxDatagramSize) {
        long packets = (long) config.initialWindowPackets() * maxDatagramSize;
        // The byte limit is meant for ten datagrams; who configures more packets asks for more bytes.
        long limit =
                Math.max(INITIAL_LIMIT * (long) Math.max(10, config.initialWindowPackets()) / 10, 2L * maxDatagramSize);
        return Math.min(Math.min(packets, limit), config.maximumWindow());
    }

    static long minimum(RecoveryConfig config, int maxDatagramSize) {
        return (long) config.minimumWindowPackets() * maxDatagramSize;
    }

    /** The window after the datagram size changed: one that never moved is the new initial one. */
    static long resized(RecoveryConfig config, long window, int from, int to) {
        if (window == initial(config, from)) {
            return initial(config, to);
        }
        return Math.max(window, minimum(config, to));
    }
}
