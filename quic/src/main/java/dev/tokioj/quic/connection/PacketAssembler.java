package dev.tokioj.quic.connection;

import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketNumber;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.VarInt;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts packets together (RFC 9000 12.2, 13 and 14): in fixed order ACK, CRYPTO, the connection's frames, the streams'; the
 * levels of the handshake coalesced into one datagram; padded where an Initial or a path probe wants it; as many equal
 * segments as amplification limit, window, pacer and batch let. The packets of a datagram are written first and sealed when
 * it is known how long the last of them is.
 */
final class PacketAssembler {
    private static final int TAG = PacketKeys.TAG_LENGTH;
    /** No room for a packet of any use below this. */
    private static final int MIN_ROOM = 64;
    /** A packet that streams could fill but for so little is filled with PADDING, so that segments stay equal. */
    private static final int SMALL_GAP = 48;

    /** A packet with CONNECTION_CLOSE: what it needs, and what it may take with a long reason. */
    private static final int MIN_CLOSE = 100;

    private static final int MAX_CLOSE = 400;
    private static final byte[] NO_TOKEN = {};

    /** What an application's close is at the levels of the handshake (RFC 9000 10.2.3). */
    private static final Frame.ConnectionClose HIDDEN =
            new Frame.ConnectionClose(TransportError.APPLICATION_ERROR.code(), 0, "", false);

    /** A packet that is written and not sealed. */
    static final class Draft {
        @Nullable PacketSpace space;

        int start;
        int lengthAt;
        int headerLength;
        int payloadLength;
        long number;
        boolean ackEliciting;
        boolean padded;
        boolean hasAck;

        PacketSpace space() {
            if (space == null) {
                throw new IllegalStateException("no packet");
            }
            return space;
        }
    }

    private final Transport t;
    private final ByteWriter w;
    private final Draft[] drafts;
    private int count;
    private boolean expand;

    PacketAssembler(Transport t) {
        this.t = t;
        this.w = t.bench.writer;
        this.drafts = t.bench.drafts;
    }

    /** Fills {@code out} with what is to be sent next; false if there is nothing that may be sent now. */
    boolean assemble(Transmit out, long now) {
        Path other = offPath();
        if (other != null) {
            int length = probe(other, out.buf, now);
            if (length > 0) {
                out.set(length, length, other.net(), 0, t.connection);
                return true;
            }
        }
        t.updateKeysIfDue(now);
        Path path = t.paths.active();
        int size = t.datagramSize();
        int ecn = t.loss.ecn().codepoint();
        int total = 0;
        int segment = 0;
        for (int n = 1; n <= t.config.maxSegments() && total + size <= Transmit.CAPACITY; n++) {
            int limit =
                    (int) Math.min(segment == 0 ? size : segment, path.limit().allowance());
            int length = limit < MIN_ROOM ? 0 : datagram(out.buf, total, limit, path, ecn, now);
            if (length == 0) {
                break;
            }
            path.limit().sent(length);
            total += length;
            if (segment == 0) {
                segment = length;
            }
            if (length < size || length < segment) {
                break;
            }
        }
        t.loss.onAmplificationLimited(path.limit().allowance() < Transport.MIN_INITIAL_DATAGRAM, now);
        if (total == 0) {
            return false;
        }
        t.counters.bytesSent += total;
        out.set(total, segment, path.net(), ecn, t.connection);
        return true;
    }

    /** One datagram of at most {@code limit} bytes; 0 if there is nothing to send. */
    private int datagram(byte[] buf, int off, int limit, Path path, int ecn, long now) {
        count = 0;
        expand = false;
        int at = off;
        for (PacketSpace space : t.spaces) {
            if (space.canWrite() && off + limit - at >= MIN_ROOM) {
                at = draft(space, buf, at, off + limit, limit, path, now);
            }
        }
        if (count == 0) {
            return 0;
        }
        if (expand) {
            at = padTo(buf, off, at, limit);
        }
        seal(buf, ecn, now);
        return at - off;
    }

    /** Writes a packet of this space, if it has something to say; answers where the next begins. */
    private int draft(PacketSpace space, byte[] buf, int start, int end, int limit, Path path, long now) {
        boolean probe = t.loss.probes(space.id) > 0;
        boolean open = probe || t.mayBulk(now);
        boolean serverInitial = !t.client && space == t.initial;
        if (serverInitial && limit < Transport.MIN_INITIAL_DATAGRAM) {
            open = false; // an ack-eliciting Initial needs 1200 bytes (RFC 9000 14.1)
        }
        boolean due = space.acks.isDue(now);
        boolean pathFrames = space.isApplication() && t.control.hasPathFrames(path);
        if (!due && !pathFrames && !(open && (probe || hasEliciting(space)))) {
            return start;
        }
        Draft d = drafts[count];
        begin(d, space, buf, start, end - TAG, path);
        d.hasAck = (due || space.acks.hasUnacked()) && writeAck(space, now);
        if (pathFrames && t.control.writePathFrames(w, space.sent, path, now) > 0) {
            d.ackEliciting = true;
            expand = true;
        }
        if (open) {
            d.ackEliciting |= writeEliciting(space, now);
        }
        boolean wantsPing = (open && (probe || space.pingRequested())) || (d.hasAck && space.acks.wantsPing());
        if (wantsPing && !d.ackEliciting && w.remaining() > 0) {
            FrameCodec.writePing(w);
            space.sent.add(SentFrame.PING, 0, 0, 0);
            d.ackEliciting = true;
        }
        if (!d.ackEliciting && !(d.hasAck && due)) {
            space.sent.abandon();
            return start;
        }
        if (d.ackEliciting) {
            space.pingWritten();
        }
        finish(d, space);
        if (space == t.initial && (t.client || d.ackEliciting)) {
            expand = true;
        }
        count++;
        return w.position() + TAG;
    }

    private boolean hasEliciting(PacketSpace space) {
        return space.crypto.hasData()
                || space.pingRequested()
                || (space.isApplication() && (t.control.hasAny() || t.streams.hasControl() || t.streams.hasData()));
    }

    private void begin(Draft d, PacketSpace space, byte[] buf, int start, int end, Path path) {
        long number = space.beginPacket(t.dice, t.windowPackets());
        int pnLength = PacketNumber.lengthFor(number, space.sent.largestAcked());
        w.reset(buf, start, end);
        d.space = space;
        d.start = start;
        d.number = number;
        d.ackEliciting = false;
        d.padded = false;
        if (space.isApplication()) {
            PacketHeader.writeShort(w, path.cid().id(), t.spin, space.keyPhaseBit(), number, pnLength);
            if (t.mayClearFixedBit() && t.dice.nextBoolean()) {
                PacketHeader.clearFixedBit(buf, start);
            }
        } else {
            byte[] token = space.type == PacketType.INITIAL ? t.token : NO_TOKEN;
            d.lengthAt = PacketHeader.writeLong(
                    w, space.type, t.version, path.cid().id(), t.sourceId, token, number, pnLength);
        }
        d.headerLength = w.position() - start;
    }

    private boolean writeAck(PacketSpace space, long now) {
        var acks = space.acks;
        int ranges = acks.rangeCount();
        if (ranges == 0) {
            return false;
        }
        boolean ecn = acks.hasEcnCounts();
        long delay = space.isApplication() ? (acks.ackDelay(now) / 1000) >>> t.config.ackDelayExponent() : 0;
        int written = FrameCodec.writeAck(
                w,
                Math.min(delay, VarInt.MAX),
                acks.ranges(),
                0,
                ranges,
                ecn ? acks.ect0() : -1,
                ecn ? acks.ect1() : -1,
                ecn ? acks.ce() : -1);
        if (written == 0) {
            return false;
        }
        space.sent.add(SentFrame.ACK, acks.largestReceived(), 0, 0);
        return true;
    }

    private boolean writeEliciting(PacketSpace space, long now) {
        boolean any = space.crypto.write(w, space.sent);
        if (!space.isApplication()) {
            return any;
        }
        any |= t.control.write(w, space.sent) > 0;
        any |= t.streams.writeControl(w, space.sent, now, t.loss.rtt()) > 0;
        if (t.streams.hasData()) {
            any |= t.streams.writeData(w, space.sent) > 0;
            int gap = w.remaining();
            if (any && gap > 0 && gap < SMALL_GAP && t.streams.hasData()) {
                w.zeros(gap);
            }
        }
        return any;
    }

    /** The sample of header protection wants four bytes from the packet number on (RFC 9001 5.4.2). */
    private void finish(Draft d, PacketSpace space) {
        d.payloadLength = w.position() - d.start - d.headerLength;
        int pnLength = (w.array()[d.start] & 0x03) + 1;
        int missing = 4 - pnLength - d.payloadLength;
        if (missing > 0) {
            w.zeros(missing);
            d.payloadLength += missing;
            d.padded = true;
        }
    }

    private void seal(byte[] buf, int ecn, long now) {
        boolean handshakeSent = false;
        for (int i = 0; i < count; i++) {
            Draft d = drafts[i];
            PacketSpace space = d.space();
            int pnLength = (buf[d.start] & 0x03) + 1;
            if (!space.isApplication()) {
                PacketHeader.setLength(buf, d.lengthAt, pnLength + d.payloadLength + TAG);
            }
            int length = space.seal(buf, d.start, d.headerLength, d.payloadLength, d.number);
            sent(d, space, length, ecn, now);
            d.space = null; // or a draft would keep a space whose keys are gone
            handshakeSent |= space == t.handshakeSpace;
        }
        if (handshakeSent && t.client) {
            t.discard(t.initial, now); // RFC 9001 4.9.1
        }
    }

    private void sent(Draft d, PacketSpace space, int length, int ecn, long now) {
        t.loss.onPacketSent(space.id, now, length, d.ackEliciting, d.ackEliciting || d.padded, ecn);
        space.packetSent();
        t.pacer.onSent(now, length);
        if (d.hasAck) {
            space.acks.onAckSent(d.ackEliciting);
        }
        t.idle.onPacket(now);
        if (d.ackEliciting) {
            t.idle.onAckElicitingSent(now);
        }
        t.counters.packetsSent++;
        if (t.listener != null) {
            t.listener.onEvent(
                    now, t.connection, new QuicEvent.PacketSent(space.type, d.number, length, d.ackEliciting, ecn));
        }
    }

    /**
     * The datagram that closes the connection, at every level the peer may be able to read (RFC 9000 10.2.3); null if no
     * level has keys or the address may not be sent so much. What an application says is for 1-RTT packets alone.
     */
    byte @Nullable [] close(Frame.ConnectionClose frame, long now) {
        Path path = t.paths.lastProved();
        int limit = (int) Math.min(Transport.MIN_INITIAL_DATAGRAM, path.limit().allowance());
        byte[] buf = new byte[Transport.MIN_INITIAL_DATAGRAM];
        count = 0;
        int at = 0;
        boolean pad = false;
        for (PacketSpace space : t.spaces) {
            boolean readable = !space.isApplication() || t.handshake.isComplete();
            if (!space.canWrite() || !readable || limit - at < MIN_CLOSE) {
                continue;
            }
            Draft d = drafts[count];
            begin(d, space, buf, at, Math.min(limit, at + MAX_CLOSE) - TAG, path);
            d.hasAck = false;
            boolean hide = frame.application() && !space.isApplication();
            FrameCodec.writeConnectionClose(w, hide ? HIDDEN : frame);
            finish(d, space);
            at = w.position() + TAG;
            count++;
            pad |= t.client && space == t.initial;
        }
        if (count == 0) {
            return null;
        }
        if (pad) {
            at = padTo(buf, 0, at, limit);
        }
        seal(buf, 0, now);
        t.counters.bytesSent += at;
        return Arrays.copyOf(buf, at);
    }

    /** Lengthens the last packet of the datagram; answers where the datagram ends then. */
    private int padTo(byte[] buf, int off, int at, int limit) {
        int missing = Math.min(Transport.MIN_INITIAL_DATAGRAM, limit) - (at - off);
        if (missing <= 0) {
            return at;
        }
        Draft last = drafts[count - 1];
        int end = last.start + last.headerLength + last.payloadLength;
        w.reset(buf, end, end + missing).zeros(missing);
        last.payloadLength += missing;
        last.padded = true;
        return at + missing;
    }

    /** A path other than the one in use on which a challenge or a response is due. */
    private @Nullable Path offPath() {
        if (!t.application.canWrite() || !t.handshake.isComplete()) {
            return null;
        }
        Path due = t.paths.challengeDue();
        if (due != null) {
            return due;
        }
        Path asked = t.responses.nextPath();
        while (asked != null && !t.paths.contains(asked)) {
            t.responses.take(); // the path is gone, and with it who asked
            asked = t.responses.nextPath();
        }
        return asked == t.paths.active() ? null : asked;
    }

    /** A datagram of probing frames alone on a path that is not in use (RFC 9000 9.1). */
    private int probe(Path path, byte[] buf, long now) {
        int limit = (int) Math.min(Transport.MIN_INITIAL_DATAGRAM, path.limit().allowance());
        if (limit < MIN_ROOM) {
            return 0;
        }
        count = 0;
        PacketSpace space = t.application;
        Draft d = drafts[0];
        begin(d, space, buf, 0, limit - TAG, path);
        d.hasAck = false;
        t.control.writePathFrames(w, space.sent, path, now);
        // Its loss says nothing of congestion on the path in use: treated as a probe of the path, as one of its MTU is.
        space.sent.add(SentFrame.MTU_PROBE, limit, 0, 0);
        w.zeros(w.remaining());
        d.ackEliciting = true;
        d.padded = true;
        finish(d, space);
        count = 1;
        seal(buf, 0, now);
        path.limit().sent(limit);
        t.counters.bytesSent += limit;
        return limit;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
    }
}
