package dev.tokioj.quic.stream;

/**
 * The settings of a connection's streams. Sizes in bytes.
 *
 * @param connectionWindow what the peer may send on all streams at first (initial_max_data)
 * @param maxConnectionWindow up to where that window may grow
 * @param streamWindow what the peer may send on a stream at first (initial_max_stream_data of all three kinds)
 * @param maxStreamWindow up to where that window may grow
 * @param maxBidiStreams bidirectional streams that the peer may have open at a time
 * @param maxUniStreams unidirectional streams that the peer may have open at a time
 * @param sendBuffer what a stream holds that is unsent or unacknowledged, at most
 * @param connectionSendBuffer what all streams hold that is unsent or unacknowledged, at most
 */
public record StreamsConfig(
        long connectionWindow,
        long maxConnectionWindow,
        long streamWindow,
        long maxStreamWindow,
        long maxBidiStreams,
        long maxUniStreams,
        int sendBuffer,
        long connectionSendBuffer) {

    public StreamsConfig {
        require(
                connectionWindow >= 0 && maxConnectionWindow >= connectionWindow,
                "0 <= connectionWindow <= its maximum");
        require(streamWindow >= 0 && maxStreamWindow >= streamWindow, "0 <= streamWindow <= its maximum");
        require(maxBidiStreams >= 0 && maxBidiStreams <= 1L << 60, "maxBidiStreams in [0, 2^60]");
        require(maxUniStreams >= 0 && maxUniStreams <= 1L << 60, "maxUniStreams in [0, 2^60]");
        require(sendBuffer >= 1 && connectionSendBuffer >= 1, "send buffers of at least a byte");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what);
        }
    }

    /** The defaults. */
    public static StreamsConfig defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects settings; each default says why. One thread. */
    public static final class Builder {
        /** One and a half stream windows: a stream that is not read leaves room for others. */
        private long connectionWindow = 384 << 10;
        /** 1 Gbit/s over 120 ms, and the memory that a connection may pin. */
        private long maxConnectionWindow = 16 << 20;
        /** 100 Mbit/s over 20 ms until the window has grown. */
        private long streamWindow = 256 << 10;
        /** Two thirds of the connection's. */
        private long maxStreamWindow = 10 << 20;
        /** As the servers of HTTP/2 and HTTP/3 do (RFC 9114 section 6.1: at least 100). */
        private long maxBidiStreams = 100;
        /** RFC 9114 section 6.2 needs three; the rest is for extensions. */
        private long maxUniStreams = 16;
        /** 1 Gbit/s over 8 ms; long paths want more. */
        private int sendBuffer = 1 << 20;
        /** A peer that reads nothing pins no more than this. */
        private long connectionSendBuffer = 8 << 20;

        private Builder() {}

        public Builder connectionWindow(long bytes) {
            this.connectionWindow = bytes;
            return this;
        }

        public Builder maxConnectionWindow(long bytes) {
            this.maxConnectionWindow = bytes;
            return this;
        }

        public Builder streamWindow(long bytes) {
            this.streamWindow = bytes;
            return this;
        }

        public Builder maxStreamWindow(long bytes) {
            this.maxStreamWindow = bytes;
            return this;
        }

        public Builder maxBidiStreams(long streams) {
            this.maxBidiStreams = streams;
            return this;
        }

        public Builder maxUniStreams(long streams) {
            this.maxUniStreams = streams;
            return this;
        }

        public Builder sendBuffer(int bytes) {
            this.sendBuffer = bytes;
            return this;
        }

        public Builder connectionSendBuffer(long bytes) {
            this.connectionSendBuffer = bytes;
            return this;
        }

        public StreamsConfig build() {
            return new StreamsConfig(
                    connectionWindow,
                    maxConnectionWindow,
                    streamWindow,
                    maxStreamWindow,
                    maxBidiStreams,
                    maxUniStreams,
                    sendBuffer,
                    connectionSendBuffer);
        }
    }
}
