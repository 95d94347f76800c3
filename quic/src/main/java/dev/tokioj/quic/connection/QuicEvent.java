package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.PacketType;

/**
 * What happens in a connection, for qlog, metrics, dashboards and the assertions of tests. Built only where a listener is
 * set: without one an event costs nothing.
 */
public sealed interface QuicEvent {

    /** A connection exists. */
    record ConnectionStarted(boolean isClient, NetPath path) implements QuicEvent {}

    /** The handshake is complete (RFC 9001 4.1.1). */
    record HandshakeComplete(String alpn) implements QuicEvent {}

    /** The handshake is confirmed (RFC 9001 4.1.2). */
    record HandshakeConfirmed() implements QuicEvent {}

    /** A packet was sealed. {@code length}: its bytes, tag included. */
    record PacketSent(PacketType type, long packetNumber, int length, boolean ackEliciting, int ecn)
            implements QuicEvent {}

    /** A packet was opened; its frames follow as {@link FrameProcessed}. */
    record PacketReceived(PacketType type, long packetNumber, int length, int ecn) implements QuicEvent {}

    /** A packet, or what was left of a datagram, was not processed. */
    record PacketDropped(DropReason reason, int length) implements QuicEvent {}

    /** A packet waits for its keys. */
    record PacketBuffered(PacketType type, int length) implements QuicEvent {}

    /** A frame is about to be processed; it points into the packet and is valid during the call only. */
    record FrameProcessed(PacketType type, Frame frame) implements QuicEvent {}

    /** Packets were declared lost (RFC 9002 6). */
    record PacketsLost(long packets) implements QuicEvent {}

    /** RTT, window or flight changed. Times in ns, sizes in bytes. */
    record MetricsUpdated(
            long latestRtt, long smoothedRtt, long rttVariance, long minRtt, long congestionWindow, long bytesInFlight)
            implements QuicEvent {}

    /** The keys of a level came. */
    record KeysInstalled(String level, boolean write) implements QuicEvent {}

    /** The keys of a level went (RFC 9001 4.9). */
    record KeysDiscarded(String level) implements QuicEvent {}

    /** The 1-RTT keys were updated (RFC 9001 6). */
    record KeyUpdated(boolean byPeer) implements QuicEvent {}

    /** A new path is being validated (RFC 9000 8.2). */
    record PathChallenged(NetPath path) implements QuicEvent {}

    /** A path was validated and is now the connection's. */
    record PathValidated(NetPath path) implements QuicEvent {}

    /** A path could not be validated; {@code current} is used (RFC 9000 9.3.2). */
    record PathAbandoned(NetPath current) implements QuicEvent {}

    /** A Retry was accepted by a client (RFC 9000 8.1.2). */
    record RetryReceived() implements QuicEvent {}

    /** A probe timeout fired (RFC 9002 6.2). */
    record ProbeTimeout(int ptoCount) implements QuicEvent {}

    /** The connection ended. */
    record ConnectionClosed(CloseReason reason) implements QuicEvent {}
}
