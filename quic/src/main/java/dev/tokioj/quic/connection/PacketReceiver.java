package dev.tokioj.quic.connection;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketNumber;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.StreamFrame;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Takes datagrams apart into packets, opens them and hands their frames on (RFC 9000 12, RFC 9001 5). What cannot be opened
 * yet is kept, to a bound; what cannot be opened at all is dropped with a reason.
 */
final class PacketReceiver {
    /** The least a short header packet has that may be a stateless reset (RFC 9000 10.3). */
    private static final int MIN_RESET = 21;

    private static final int TOKEN = 16;

    /** A packet whose keys are not there yet. */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    private record Kept(byte[] bytes, PacketSpace space, NetPath from, int ecn) {}

    private final Transport t;
    private final PacketHeader header;
    private final ByteReader reader;
    private final StreamFrame stream;
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();
    private int keptBytes;

    // Of the packet being processed.
    private boolean ackEliciting;
    private boolean onlyProbing;

    PacketReceiver(Transport t) {
        this.t = t;
        this.header = t.bench.header;
        this.reader = t.bench.reader;
        this.stream = t.bench.stream;
    }

    /** One datagram; its bytes were counted already. */
    void receive(byte[] buf, int off, int len, NetPath from, int ecn, long now) throws TransportException {
        int end = off + len;
        int firstDcid = -1;
        int firstDcidLen = 0;
        for (int at = off; at < end && t.connection.isOpen(); at = header.packetEnd()) {
            PacketHeader.Outcome outcome = parse(buf, at, end);
            switch (outcome) {
                case PACKET -> {}
                case TOO_SHORT -> {
                    if (!isReset(buf, at, end)) {
                        drop(DropReason.TOO_SHORT, header.packetEnd() - at, now);
                    }
                    continue;
                }
                case TRUNCATED, CONNECTION_ID_TOO_LONG -> {
                    drop(DropReason.MALFORMED_HEADER, end - at, now);
                    return;
                }
                case FIXED_BIT_CLEAR -> {
                    drop(DropReason.FIXED_BIT_CLEAR, end - at, now);
                    return;
                }
                case UNSUPPORTED_VERSION -> {
                    drop(DropReason.OTHER_VERSION, end - at, now);
                    return;
                }
            }
            if (firstDcid < 0) {
                firstDcid = header.dcidOffset();
                firstDcidLen = header.dcidLength();
            } else if (!sameDcid(buf, firstDcid, firstDcidLen)) {
                drop(DropReason.OTHER_CONNECTION_ID, end - at, now);
                return;
            }
            packet(buf, from, ecn, len, now);
        }
    }

    private PacketHeader.Outcome parse(byte[] buf, int at, int end) {
        header.readFor(t.config.grease(), t.version); // another connection had it before
        return header.parse(buf, at, end, t.localIdLength);
    }

    private boolean sameDcid(byte[] buf, int off, int len) {
        int at = header.dcidOffset();
        return Arrays.equals(buf, off, off + len, buf, at, at + header.dcidLength());
    }

    private void packet(byte[] buf, NetPath from, int ecn, int datagram, long now) throws TransportException {
        int length = header.packetEnd() - header.start();
        switch (header.type()) {
            case VERSION_NEGOTIATION -> VersionNegotiation.onReceived(t, buf, header, now);
            case RETRY -> Retry.onReceived(t, buf, header, now);
            case ZERO_RTT -> drop(DropReason.ZERO_RTT, length, now);
            case INITIAL -> {
                if (!t.client && datagram < Transport.MIN_INITIAL_DATAGRAM) {
                    drop(DropReason.SMALL_INITIAL, length, now);
                } else {
                    longHeader(t.initial, buf, from, ecn, now);
                }
            }
            case HANDSHAKE -> longHeader(t.handshakeSpace, buf, from, ecn, now);
            case ONE_RTT -> protectedPacket(t.application, buf, from, ecn, now);
        }
    }

    private void longHeader(PacketSpace space, byte[] buf, NetPath from, int ecn, long now) throws TransportException {
        var known = t.handshake.peerSourceId();
        if (known != null && !known.matches(buf, header.scidOffset(), header.scidLength())) {
            drop(DropReason.OTHER_SOURCE_ID, header.packetEnd() - header.start(), now);
            return;
        }
        protectedPacket(space, buf, from, ecn, now);
    }

    private void protectedPacket(PacketSpace space, byte[] buf, NetPath from, int ecn, long now)
            throws TransportException {
        int start = header.start();
        int end = header.packetEnd();
        if (space.isDiscarded()) {
            drop(DropReason.KEYS_DISCARDED, end - start, now);
            return;
        }
        // 1-RTT packets wait for the end of the handshake even if their keys are there (RFC 9001 5.7).
        if (!space.canRead() || (space.isApplication() && !t.handshake.isComplete())) {
            keep(space, buf, start, end, from, ecn, now);
            return;
        }
        int pnOff = header.pnOffset();
        int dcidOff = header.dcidOffset();
        int pnLength = space.unprotect(buf, start, pnOff);
        long pn = PacketNumber.decode(
                space.acks.largestReceived(), PacketNumber.truncated(buf, pnOff, pnLength), 8 * pnLength);
        int payload = pnOff + pnLength;
        long generation = space.keyGeneration();
        int plain = space.open(buf, start, payload - start, end - payload, pn, now, t.loss.pto());
        if (space.keyGeneration() != generation && t.listener != null) {
            t.listener.onEvent(now, t.connection, new QuicEvent.KeyUpdated(true));
        }
        if (plain < 0) {
            if (!isReset(buf, start, end)) {
                drop(DropReason.NOT_AUTHENTIC, end - start, now);
            }
            return;
        }
        if (space.acks.isDuplicate(pn)) {
            drop(DropReason.DUPLICATE, end - start, now);
            return;
        }
        if (PacketHeader.reservedBitSet(buf, start)) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, "a reserved bit is set");
        }
        opened(space, buf, dcidOff, payload, payload + plain, pn, from, ecn, end - start, now);
    }

    private void opened(
            PacketSpace space,
            byte[] buf,
            int dcidOff,
            int payload,
            int end,
            long pn,
            NetPath from,
            int ecn,
            int length,
            long now)
            throws TransportException {
        if (payload == end) {
            throw new TransportException(TransportError.PROTOCOL_VIOLATION, "a packet without frames");
        }
        boolean newId = space.isApplication() && t.localCids.isOther(buf, dcidOff);
        Path path = t.paths.find(from);
        if (path == null) {
            path = t.migration.admit(from, newId, t.datagramLength(), now);
        }
        if (t.listener != null) {
            t.listener.onEvent(now, t.connection, new QuicEvent.PacketReceived(space.type, pn, length, ecn));
        }
        boolean newest = pn > space.acks.largestReceived();
        t.onPacketOpened(space, header, path, now);
        frames(space, path, buf, dcidOff, payload, end, now);
        space.acks.onReceived(pn, now, ackEliciting, ecn);
        t.counters.packetsReceived++;
        if (space.isApplication() && newest) {
            t.localCids.noteUsed(buf, dcidOff);
            if (path != t.paths.active() && !onlyProbing) {
                t.migration.follow(path, now);
            }
        }
    }

    private void frames(PacketSpace space, Path path, byte[] buf, int dcidOff, int payload, int end, long now)
            throws TransportException {
        ackEliciting = false;
        onlyProbing = true;
        PacketType type = space.type;
        reader.reset(buf, payload, end);
        while (reader.remaining() > 0 && t.connection.isOpen()) {
            if (type == PacketType.ONE_RTT && StreamFrame.isNext(reader)) {
                streamFrame(buf, now);
                continue;
            }
            Frame frame = FrameCodec.read(reader, type);
            ackEliciting |= frame.ackEliciting();
            onlyProbing &= frame.probing();
            if (t.listener != null) {
                t.listener.onEvent(now, t.connection, new QuicEvent.FrameProcessed(type, frame));
            }
            t.dispatcher.dispatch(frame, space, path, buf, dcidOff, now);
        }
    }

    private void streamFrame(byte[] buf, long now) throws TransportException {
        stream.read(reader);
        ackEliciting = true;
        onlyProbing = false;
        if (t.listener != null) {
            t.listener.onEvent(
                    now, t.connection, new QuicEvent.FrameProcessed(PacketType.ONE_RTT, stream.toFrame(buf)));
        }
        t.dispatcher.onStream(stream.streamId(), stream.offset(), buf, stream.off(), stream.len(), stream.fin());
    }

    private void keep(PacketSpace space, byte[] buf, int start, int end, NetPath from, int ecn, long now) {
        int length = end - start;
        if (keptBytes + length > t.config.undecryptableBuffer()) {
            drop(DropReason.KEYS_MISSING, length, now);
            return;
        }
        kept.add(new Kept(Arrays.copyOfRange(buf, start, end), space, from, ecn));
        keptBytes += length;
        if (t.listener != null) {
            t.listener.onEvent(now, t.connection, new QuicEvent.PacketBuffered(space.type, length));
        }
    }

    /** Keys came: what waited for them is looked at again, in the order it came. What still waits is kept again. */
    void replay(long now) throws TransportException {
        for (int n = kept.size(); n > 0 && t.connection.isOpen(); n--) {
            Kept k = kept.remove();
            keptBytes -= k.bytes.length;
            if (parse(k.bytes, 0, k.bytes.length) == PacketHeader.Outcome.PACKET) {
                if (k.space.isApplication()) {
                    protectedPacket(k.space, k.bytes, k.from, k.ecn, now);
                } else {
                    longHeader(k.space, k.bytes, k.from, k.ecn, now);
                }
            }
        }
    }

    /** Whether any packet waits for keys. */
    boolean hasKept() {
        return !kept.isEmpty();
    }

    /** A packet that cannot be opened may be the peer's stateless reset (RFC 9000 10.3.1). */
    private boolean isReset(byte[] buf, int start, int end) {
        if (header.isLong() || end - start < MIN_RESET) {
            return false;
        }
        if (!t.remoteCids.isResetToken(Arrays.copyOfRange(buf, end - TOKEN, end))) {
            return false;
        }
        t.connection.closeFor(CloseReasons.statelessReset());
        return true;
    }

    private void drop(DropReason reason, int length, long now) {
        t.drop(reason, length, now);
    }

    /** Forgets what waits. */
    void clear() {
        kept.clear();
        keptBytes = 0;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(kept);
    }
}
