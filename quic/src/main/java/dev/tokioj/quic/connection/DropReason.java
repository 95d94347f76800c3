package dev.tokioj.quic.connection;

/** Why a received packet was not processed. */
public enum DropReason {
    /** The header could not be parsed. */
    MALFORMED_HEADER,
    /** Not one of our connection IDs, or another one than the datagram began with (RFC 9000 12.2). */
    OTHER_CONNECTION_ID,
    /** A long header whose source connection ID is not the peer's (RFC 9000 7.2). */
    OTHER_SOURCE_ID,
    /** A version other than the connection's. */
    OTHER_VERSION,
    /** The keys of this level were discarded (RFC 9001 4.9). */
    KEYS_DISCARDED,
    /** The keys of this level are not there yet and the buffer for such packets is full. */
    KEYS_MISSING,
    /** Authentication failed (RFC 9001 5.3). */
    NOT_AUTHENTIC,
    /** Too short for header protection to be removed (RFC 9001 5.4.2). */
    TOO_SHORT,
    /** A packet number seen before (RFC 9000 12.3). */
    DUPLICATE,
    /** A datagram with an Initial packet of fewer than 1200 bytes (RFC 9000 14.1). */
    SMALL_INITIAL,
    /** A Retry that came too late, twice, or with a bad integrity tag (RFC 9000 17.2.5). */
    BAD_RETRY,
    /** A Version Negotiation that lists our version or came too late (RFC 9000 6.2). */
    BAD_VERSION_NEGOTIATION,
    /** 0-RTT, which we did not accept. */
    ZERO_RTT,
    /** A new path when there may be none: migration is disabled, or too many came at once (RFC 9000 9). */
    PATH_REFUSED,
    /** The fixed bit is clear and the peer was not told that it may be (RFC 9287). */
    FIXED_BIT_CLEAR,
    /** The connection is closing (RFC 9000 10.2). */
    CLOSING
}
