package dev.tokioj.http3;

/**
 * The limits of one HTTP/3 connection. Immutable; any thread.
 *
 * @param maxFieldSectionSize the largest header or trailer section taken, encoded and decoded (RFC 9114 section 4.2.2); advertised.
 *     Default 16384: what common servers take, and enough for cookies
 * @param maxControlFrameSize the largest frame taken on a control stream. Default 1024: SETTINGS of today have under 100 bytes,
 *     the rest under 20
 * @param ignoredBytesBudget how many bytes (with {@value #FRAME_COST} a frame) a stream may have of what we ignore: unknown
 *     frames, empty DATA frames, interim responses, and frames on the control stream; each request gives the control stream
 *     some back. Default 65536: room for padding and for extensions we do not know
 * @param ignoredStreamsBudget how many unidirectional streams of unknown type the peer may open; each request gives one back.
 *     Default 64: reserved types come once or twice a connection
 * @param abortedRequestsBudget how many requests a client may abort, or have refused as malformed; each one that is completed
 *     gives one back. Default 1000: a page that is left cancels some hundred at once (rapid reset, CVE-2023-44487)
 * @param grease whether to send reserved settings, frames and types now and then, so that peers stay able to ignore them
 *     (sections 6.2.3, 7.2.4.1 and 7.2.8). Default true
 */
public record Http3Config(
        int maxFieldSectionSize,
        int maxControlFrameSize,
        long ignoredBytesBudget,
        int ignoredStreamsBudget,
        int abortedRequestsBudget,
        boolean grease) {
    /** What a frame costs of {@link #ignoredBytesBudget} besides its payload. */
    static final int FRAME_COST = 16;

    /** Limits must be positive. */
    public Http3Config {
        if (maxFieldSectionSize < 1
                || maxControlFrameSize < 1
                || ignoredBytesBudget < 0
                || ignoredStreamsBudget < 0
                || abortedRequestsBudget < 0) {
            throw new IllegalArgumentException("a limit is not positive");
        }
    }

    /** The defaults. */
    public static Http3Config defaults() {
        return builder().build();
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** What we advertise; the dynamic table of QPACK is not used. */
    Settings settings() {
        return new Settings(maxFieldSectionSize, 0, 0);
    }

    /** Collects what differs from the defaults. */
    public static final class Builder {
        private int maxFieldSectionSize = 16 * 1024;
        private int maxControlFrameSize = 1024;
        private long ignoredBytesBudget = 64 * 1024;
        private int ignoredStreamsBudget = 64;
        private int abortedRequestsBudget = 1000;
        private boolean grease = true;

        private Builder() {}

        /** See {@link Http3Config#maxFieldSectionSize}. */
        public Builder maxFieldSectionSize(int bytes) {
            this.maxFieldSectionSize = bytes;
            return this;
        }

        /** See {@link Http3Config#maxControlFrameSize}. */
        public Builder maxControlFrameSize(int bytes) {
            this.maxControlFrameSize = bytes;
            return this;
        }

        /** See {@link Http3Config#ignoredBytesBudget}. */
        public Builder ignoredBytesBudget(long bytes) {
            this.ignoredBytesBudget = bytes;
            return this;
        }

        /** See {@link Http3Config#ignoredStreamsBudget}. */
        public Builder ignoredStreamsBudget(int streams) {
            this.ignoredStreamsBudget = streams;
            return this;
        }

        /** See {@link Http3Config#abortedRequestsBudget}. */
        public Builder abortedRequestsBudget(int requests) {
            this.abortedRequestsBudget = requests;
            return this;
        }

        /** See {@link Http3Config#grease}. */
        public Builder grease(boolean grease) {
            this.grease = grease;
            return this;
        }

        /** The configuration. */
        public Http3Config build() {
            return new Http3Config(
                    maxFieldSectionSize,
                    maxControlFrameSize,
                    ignoredBytesBudget,
                    ignoredStreamsBudget,
                    abortedRequestsBudget,
                    grease);
        }
    }
}
