package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.TlsServerConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every limit and choice of an endpoint, or of the endpoints of one server, one a loop: then the limits are of all together
 * ({@link Shared}). Immutable; times in ns.
 *
 * @param serverTls how to shake hands as a server, or null: no connection is accepted
 * @param server configuration of accepted connections
 * @param versions versions spoken, preferred first
 * @param retry when a client's address is validated by Retry
 * @param retryThreshold half-open connections (as {@code maxHalfOpen} counts them) from which {@link RetryMode#WHEN_BUSY} is busy
 * @param maxHalfOpen connections whose handshake is not complete, or that closed without the peer's address proved and are
 *     still remembered, at most; more are dropped
 * @param maxConnections connections, at most; more are refused
 * @param maxTombstones closed connections remembered to answer stragglers, at most, besides those in {@code maxHalfOpen}
 * @param connectionIdLength bytes of the connection IDs we choose (RFC 9000 5.1)
 * @param tokenKey 32 secret bytes that seal address validation tokens, or null: random
 * @param resetKey 32 secret bytes that stateless reset tokens derive from, or null: random
 * @param retryTokenLifetime how long a Retry token is good
 * @param newTokenLifetime how long a NEW_TOKEN token is good
 * @param statelessAnswers Version Negotiation, refusal and stateless reset packets sent per second, at most
 */
@SuppressWarnings("ArrayRecordComponent") // secrets, never compared as part of this record
public record EndpointConfig(
        @Nullable TlsServerConfig serverTls,
        QuicConfig server,
        List<Version> versions,
        RetryMode retry,
        int retryThreshold,
        int maxHalfOpen,
        int maxConnections,
        int maxTombstones,
        int connectionIdLength,
        byte @Nullable [] tokenKey,
        byte @Nullable [] resetKey,
        long retryTokenLifetime,
        long newTokenLifetime,
        int statelessAnswers) {

    /** Checks every value. */
    public EndpointConfig {
        versions = List.copyOf(versions);
        check("versions", versions.size(), 1, Version.values().length);
        check("retryThreshold", retryThreshold, 0, Integer.MAX_VALUE);
        check("maxHalfOpen", maxHalfOpen, 1, Integer.MAX_VALUE);
        check("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        check("maxTombstones", maxTombstones, 0, Integer.MAX_VALUE);
        check("connectionIdLength", connectionIdLength, 4, 20);
        check("tokenKey", tokenKey == null ? 32 : tokenKey.length, 32, 32);
        check("resetKey", resetKey == null ? 32 : resetKey.length, 32, 32);
        check("retryTokenLifetime", retryTokenLifetime, 1, Long.MAX_VALUE);
        check("newTokenLifetime", newTokenLifetime, 1, Long.MAX_VALUE);
        check("statelessAnswers", statelessAnswers, 0, Integer.MAX_VALUE);
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " = " + value + ": not in [" + min + ", " + max + "]");
        }
    }

    /** A client's: accepts nothing. */
    public static EndpointConfig client() {
        return builder().build();
    }

    /** A builder with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds an {@link EndpointConfig}; one thread at a time. */
    public static final class Builder {
        private @Nullable TlsServerConfig serverTls;
        private QuicConfig server = QuicConfig.defaults();
        private List<Version> versions = List.of(Version.V1);
        private RetryMode retry = RetryMode.WHEN_BUSY;
        private int retryThreshold = 512;
        private int maxHalfOpen = 4096;
        private int maxConnections = 1_000_000;
        private int maxTombstones = 8192;
        private int connectionIdLength = 8;
        private byte @Nullable [] tokenKey;
        private byte @Nullable [] resetKey;
        private long retryTokenLifetime = 10_000_000_000L;
        private long newTokenLifetime = 24 * 3_600_000_000_000L;
        private int statelessAnswers = 1000;

        Builder() {}

        /** How to shake hands as a server. Default: null, nothing is accepted. */
        public Builder serverTls(@Nullable TlsServerConfig value) {
            serverTls = value;
            return this;
        }

        /** Configuration of accepted connections. Default: {@link QuicConfig#defaults}. */
        public Builder server(QuicConfig value) {
            server = value;
            return this;
        }

        /** Versions spoken, preferred first. Default: version 1, what everybody speaks. */
        public Builder versions(List<Version> value) {
            versions = value;
            return this;
        }

        /** When to validate by Retry. Default: WHEN_BUSY, since Retry costs a round trip. */
        public Builder retry(RetryMode value) {
            retry = value;
            return this;
        }

        /** Half-open connections that make us busy. Default: 512, a tenth of a second of one core's handshakes. */
        public Builder retryThreshold(int value) {
            retryThreshold = value;
            return this;
        }

        /** Half-open connections, at most. Default: 4096, some 100 MB at worst. */
        public Builder maxHalfOpen(int value) {
            maxHalfOpen = value;
            return this;
        }

        /** Connections, at most. Default: a million; memory ends before. */
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /**
         * Closed connections remembered, at most; the eldest is forgotten first, and stragglers get a stateless reset. Default:
         * 8192, some 20 MB.
         */
        public Builder maxTombstones(int value) {
            maxTombstones = value;
            return this;
        }

        /** Bytes of our connection IDs. Default: 8, unguessable and short. */
        public Builder connectionIdLength(int value) {
            connectionIdLength = value;
            return this;
        }

        /** Seals tokens; 32 bytes. Default: random, so tokens die with the endpoint. */
        public Builder tokenKey(byte @Nullable [] value) {
            tokenKey = value;
            return this;
        }

        /** Derives reset tokens; 32 bytes. Default: random, so resets die with the endpoint. */
        public Builder resetKey(byte @Nullable [] value) {
            resetKey = value;
            return this;
        }

        /** Life of a Retry token. Default: 10 s, twice a handshake. */
        public Builder retryTokenLifetime(long value) {
            retryTokenLifetime = value;
            return this;
        }

        /** Life of a NEW_TOKEN token. Default: a day. */
        public Builder newTokenLifetime(long value) {
            newTokenLifetime = value;
            return this;
        }

        /** Stateless answers per second. Default: 1000, so that nobody is flooded through us. */
        public Builder statelessAnswers(int value) {
            statelessAnswers = value;
            return this;
        }

        /** The configuration; {@link IllegalArgumentException} names a value that is out of range. */
        public EndpointConfig build() {
            return new EndpointConfig(
                    serverTls,
                    server,
                    versions,
                    retry,
                    retryThreshold,
                    maxHalfOpen,
                    maxConnections,
                    maxTombstones,
                    connectionIdLength,
                    tokenKey,
                    resetKey,
                    retryTokenLifetime,
                    newTokenLifetime,
                    statelessAnswers);
        }
    }
}
