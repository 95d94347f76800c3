package dev.tokioj.quic.stream;

import dev.tokioj.quic.recovery.AckTracker;
import dev.tokioj.quic.recovery.FrameFate;
import dev.tokioj.quic.recovery.LossDetector;
import dev.tokioj.quic.recovery.PacketSpaceId;
import dev.tokioj.quic.recovery.RecoveryConfig;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.recovery.SentPackets;
import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.TransportParameters;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One side of a connection of streams alone, without handshake and encryption: a packet is a number and frames. */
final class Side implements StreamOwner {
    static final int MTU = 1200;
    static final long MS = 1_000_000;
    private static final PacketSpaceId APP = PacketSpaceId.APPLICATION;

    /** Windows and buffers that a few kilobytes fill. */
    static final StreamsConfig SMALL = StreamsConfig.builder()
            .connectionWindow(1500)
            .maxConnectionWindow(1500)
            .streamWindow(1000)
            .maxStreamWindow(1000)
            .maxBidiStreams(4)
            .maxUniStreams(2)
            .sendBuffer(4000)
            .connectionSendBuffer(10_000)
            .build();

    /** What came on a stream. */
    static final class Inbox implements StreamSink {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String end = "";

        @Override
        public void onData(byte[] buf, int off, int len) {
            bytes.write(buf, off, len);
        }

        @Override
        public void onFin() {
            end += "fin";
        }

        @Override
        public void onReset(long code) {
            end += "reset " + code;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Packet(long number, byte[] bytes) {}

    final Map<Long, Inbox> inboxes = new HashMap<>();
    final List<String> events = new ArrayList<>();
    final List<byte[]> recycled = new ArrayList<>();
    final ChunkPool pool = new ChunkPool(4096);
    final Streams streams;
    final LossDetector detector;
    final AckTracker acks;
    long number;
    Runnable onWritable = () -> {};

    Side(StreamsConfig config, boolean client) {
        streams = new Streams(config, client, pool, 0x5eed, new Intake(), this);
        RecoveryConfig recovery = RecoveryConfig.defaults();
        detector = new LossDetector(recovery, client, MTU, false);
        detector.onHandshakeConfirmed(0);
        acks = new AckTracker(APP, recovery, 25 * MS);
    }

    /** Two sides that know each other's limits. */
    static Side[] pair(StreamsConfig client, StreamsConfig server) {
        Side c = new Side(client, true);
        Side s = new Side(server, false);
        c.streams.onPeerParameters(parameters(server));
        s.streams.onPeerParameters(parameters(client));
        return new Side[] {c, s};
    }

    static TransportParameters parameters(StreamsConfig config) {
        return TransportParameters.builder()
                .initialMaxData(config.connectionWindow())
                .initialMaxStreamDataBidiLocal(config.streamWindow())
                .initialMaxStreamDataBidiRemote(config.streamWindow())
                .initialMaxStreamDataUni(config.streamWindow())
                .initialMaxStreamsBidi(config.maxBidiStreams())
                .initialMaxStreamsUni(config.maxUniStreams())
                .build();
    }

    @Override
    public StreamSink onPeerStream(long streamId) {
        events.add("stream " + streamId);
        return inboxes.computeIfAbsent(streamId, id -> new Inbox());
    }

    @Override
    public void onStreamWritable(long streamId) {
        events.add("writable " + streamId);
        onWritable.run();
    }

    @Override
    public void onStopSending(long streamId, long code) {
        events.add("stop " + streamId + " " + code);
    }

    @Override
    public void onStreamsAvailable(boolean bidirectional) {
        events.add("available " + bidirectional);
    }

    @Override
    public void onSendComplete(long streamId) {
        events.add("complete " + streamId);
    }

    @Override
    public void recycle(byte[] chunk) {
        recycled.add(chunk);
    }

    /** What came on a stream that was opened by either side. */
    Inbox inbox(long id) {
        return Objects.requireNonNull(inboxes.get(id), "stream " + id);
    }

    long open(boolean bidirectional) {
        Inbox inbox = new Inbox();
        long id = streams.open(bidirectional, bidirectional ? inbox : StreamSink.NONE);
        if (id >= 0) {
            inboxes.put(id, inbox);
        }
        return id;
    }

    private final FrameFate fate = new FrameFate() {
        @Override
        public void acked(SentFrame frame, long a, long b, long c) {
            if (frame == SentFrame.ACK) {
                acks.onAckAcked(a);
            } else if (frame != SentFrame.PING) {
                streams.acked(frame, a, b, c);
            }
        }

        @Override
        public void lost(SentFrame frame, long a, long b, long c) {
            if (frame != SentFrame.ACK && frame != SentFrame.PING) {
                streams.lost(frame, a, b, c);
            }
        }
    };

    /** The next packet, or null if there is nothing to send now. */
    @Nullable Packet send(long now) {
        boolean probe = detector.probes(APP) > 0;
        boolean allowed = probe || detector.congestionRoom() >= MTU;
        boolean ackDue = acks.isDue(now);
        if (!ackDue && !probe && !(allowed && (streams.hasControl() || streams.hasData()))) {
            return null;
        }
        byte[] buf = new byte[MTU];
        ByteWriter w = new ByteWriter().reset(buf, 0, MTU);
        SentPackets sent = detector.sent(APP);
        sent.begin(number);
        if (ackDue || acks.hasUnacked()) {
            FrameCodec.writeAck(w, 0, acks.ranges(), 0, acks.rangeCount(), -1, -1, -1);
            sent.add(SentFrame.ACK, acks.largestReceived(), 0, 0);
            acks.onAckSent(allowed);
        }
        int frames = 0;
        if (allowed) {
            frames = streams.writeControl(w, sent, now, detector.rtt()) + streams.writeData(w, sent);
            if (frames == 0 && (probe || acks.wantsPing())) {
                FrameCodec.writePing(w);
                sent.add(SentFrame.PING, 0, 0, 0);
                frames++;
            }
        }
        if (w.position() == 0) {
            sent.abandon();
            return null;
        }
        detector.onPacketSent(APP, now, w.position(), frames > 0, frames > 0, 0);
        return new Packet(number++, Arrays.copyOf(buf, w.position()));
    }

    void receive(Packet packet, long now) throws TransportException {
        if (acks.isDuplicate(packet.number)) {
            return;
        }
        ByteReader r = new ByteReader().reset(packet.bytes, 0, packet.bytes.length);
        boolean eliciting = false;
        while (r.remaining() > 0) {
            Frame frame = FrameCodec.read(r, PacketType.ONE_RTT);
            eliciting |= frame.ackEliciting();
            receive(frame, now);
        }
        acks.onReceived(packet.number, now, eliciting, 0);
        streams.deliverEvents();
    }

    void receive(Frame frame, long now) throws TransportException {
        switch (frame) {
            case Frame.Ack f -> detector.onAckReceived(APP, f, 0, now, fate);
            case Frame.Stream f -> streams.onFrame(f);
            case Frame.ResetStream f -> streams.onFrame(f);
            case Frame.StopSending f -> streams.onFrame(f);
            case Frame.MaxData f -> streams.onFrame(f);
            case Frame.MaxStreamData f -> streams.onFrame(f);
            case Frame.MaxStreams f -> streams.onFrame(f);
            case Frame.StreamDataBlocked f -> streams.onFrame(f);
            case Frame.DataBlocked f -> events.add("blocked " + f.limit());
            case Frame.StreamsBlocked f -> events.add("streams blocked " + f.limit());
            case Frame.Ping _, Frame.Padding _ -> {}
            default -> throw new AssertionError(frame);
        }
    }

    void timeout(long now) {
        if (detector.deadline() <= now) {
            detector.onTimeout(now, fate);
        }
    }

    /** Exchanges packets without loss, a millisecond each way, until nobody has anything to say. */
    static long settle(Side a, Side b, long from) throws TransportException {
        long now = from;
        for (int quiet = 0; quiet < 40; ) {
            now += MS;
            boolean any = false;
            for (Side side : new Side[] {a, b}) {
                Side other = side == a ? b : a;
                side.timeout(now);
                List<Packet> burst = new ArrayList<>();
                for (Packet p = side.send(now); p != null; p = side.send(now)) {
                    burst.add(p);
                }
                for (Packet p : burst) {
                    other.receive(p, now + MS / 2);
                    any = true;
                }
            }
            quiet = any ? 0 : quiet + 1;
        }
        return now;
    }
}
