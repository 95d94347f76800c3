package dev.tokioj.quic.recovery;

import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportException;

/** A detector whose handshake is over, and short words for what happens to it. */
abstract class LossDetectorFixture {
    static final long MS = 1_000_000;
    static final int MTU = 1200;
    static final PacketSpaceId INITIAL = PacketSpaceId.INITIAL;
    static final PacketSpaceId HANDSHAKE = PacketSpaceId.HANDSHAKE;
    static final PacketSpaceId APP = PacketSpaceId.APPLICATION;

    static final RecoveryConfig RENO = RecoveryConfig.builder()
            .algorithm(RecoveryConfig.Algorithm.NEW_RENO)
            .hyStart(false)
            .build();

    final FateLog fate = new FateLog();
    LossDetector detector = confirmed(RENO);

    static LossDetector confirmed(RecoveryConfig config) {
        LossDetector d = new LossDetector(config, true, MTU, false);
        d.onHandshakeKeys();
        d.discard(INITIAL, 0);
        d.discard(HANDSHAKE, 0);
        d.onHandshakeConfirmed(0);
        return d;
    }

    void send(PacketSpaceId space, long pn, long now) {
        send(space, pn, now, MTU);
    }

    void send(PacketSpaceId space, long pn, long now, int bytes) {
        detector.sent(space).begin(pn);
        detector.sent(space).add(SentFrame.STREAM, pn, 0, 0);
        detector.onPacketSent(space, now, bytes, true, true, 0);
    }

    void ackOnly(long pn, long now, long largest) {
        detector.sent(APP).begin(pn);
        detector.sent(APP).add(SentFrame.ACK, largest, 0, 0);
        detector.onPacketSent(APP, now, 40, false, false, 0);
    }

    boolean ack(PacketSpaceId space, long now, long... ranges) throws TransportException {
        return ack(space, now, 0, ranges);
    }

    boolean ack(PacketSpaceId space, long now, long delay, long[] ranges) throws TransportException {
        return detector.onAckReceived(space, Frame.Ack.of(0, ranges), delay, now, fate);
    }
}
