package dev.tokioj.quic.wire;

/** The kinds of packets of RFC 9000 section 17, whatever bits a version gives them. */
public enum PacketType {
    INITIAL,
    ZERO_RTT,
    HANDSHAKE,
    RETRY,
    VERSION_NEGOTIATION,
    ONE_RTT;

    /** Whether it has a packet number and protected frames: all but Retry and Version Negotiation. */
    public boolean hasFrames() {
        return this != RETRY && this != VERSION_NEGOTIATION;
    }
}
