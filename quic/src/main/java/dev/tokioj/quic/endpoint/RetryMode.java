package dev.tokioj.quic.endpoint;

/** When a server makes a client prove its address before it spends anything on it (RFC 9000 8.1.2). */
public enum RetryMode {
    /** Never: what is more than the half-open limit is dropped. */
    NEVER,
    /** From a number of half-open connections on. */
    WHEN_BUSY,
    /** Always. */
    ALWAYS
}
