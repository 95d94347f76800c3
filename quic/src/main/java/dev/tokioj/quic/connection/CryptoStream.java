package dev.tokioj.quic.connection;

import dev.tokioj.quic.recovery.LongRanges;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.recovery.SentPackets;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.VarInt;
import java.util.Arrays;

/**
 * The handshake bytes of one level, both ways (RFC 9000 19.6, RFC 9001 4.1.3). They have no flow control, so what arrives
 * ahead of a hole is bounded here, at every level and also after the handshake (RFC 9000 7.5).
 */
final class CryptoStream {

    /** Takes the bytes in order. */
    interface Sink {
        void accept(byte[] buf, int off, int len) throws TransportException;
    }

    private static final byte[] NOTHING = {};

    private final int limit;
    private final int maxPieces;
    private final int level;

    // Received: what is ahead of `delivered` lies at (offset - delivered) of `ahead`.
    private byte[] ahead = NOTHING;
    private final LongRanges aheadRanges = new LongRanges();
    private long delivered;

    // To send: offset `base` is at 0 of `out`; [sentTo, end) was never sent.
    private byte[] out = NOTHING;
    private long base;
    private long sentTo;
    private long end;
    private final LongRanges lost = new LongRanges();
    private final LongRanges acked = new LongRanges();

    /**
     * A level's handshake bytes.
     *
     * @param limit bytes past the first hole, at most
     * @param maxPieces pieces past the first hole, at most
     * @param level noted with what is sent, and so told when it is acknowledged or lost
     */
    CryptoStream(int limit, int maxPieces, int level) {
        this.limit = limit;
        this.maxPieces = maxPieces;
        this.level = level;
    }

    /** A CRYPTO frame came. */
    void receive(Frame.Crypto f, Sink sink) throws TransportException {
        long from = f.offset();
        long to = from + f.len();
        if (to <= delivered) {
            return;
        }
        if (from <= delivered) {
            int skip = (int) (delivered - from);
            deliver(f.buf(), f.off() + skip, f.len() - skip, sink);
            drain(sink);
            return;
        }
        if (to - delivered > limit) {
            throw exceeded("handshake data too far ahead");
        }
        keep(f, from, to);
    }

    private static TransportException exceeded(String reason) {
        return new TransportException(TransportError.CRYPTO_BUFFER_EXCEEDED, FrameType.CRYPTO, reason);
    }

    private void keep(Frame.Crypto f, long from, long to) throws TransportException {
        int at = (int) (from - delivered);
        if (ahead.length < at + f.len()) {
            ahead = Arrays.copyOf(ahead, Math.min(limit, Math.max(2 * ahead.length, at + f.len())));
        }
        System.arraycopy(f.buf(), f.off(), ahead, at, f.len());
        aheadRanges.add(from, to);
        if (aheadRanges.size() > maxPieces) {
            throw exceeded("handshake data in too many pieces");
        }
    }

    private void deliver(byte[] buf, int off, int len, Sink sink) throws TransportException {
        if (ahead.length > 0) {
            int shift = Math.min(len, ahead.length);
            System.arraycopy(ahead, shift, ahead, 0, ahead.length - shift);
        }
        delivered += len;
        sink.accept(buf, off, len);
    }

    /** What follows the hole that was just filled. */
    private void drain(Sink sink) throws TransportException {
        aheadRanges.removeBelow(delivered);
        while (!aheadRanges.isEmpty() && aheadRanges.from(0) == delivered) {
            int len = (int) (aheadRanges.end(0) - delivered);
            byte[] piece = Arrays.copyOf(ahead, len);
            deliver(piece, 0, len, sink);
            aheadRanges.removeBelow(delivered);
        }
        if (aheadRanges.isEmpty()) {
            ahead = NOTHING;
        }
    }

    /** Bytes to send. */
    void send(byte[] data) {
        int used = (int) (end - base);
        if (out.length < used + data.length) {
            out = Arrays.copyOf(out, Math.max(2 * out.length, used + data.length));
        }
        System.arraycopy(data, 0, out, used, data.length);
        end += data.length;
    }

    /** Whether there is something to write. */
    boolean hasData() {
        return sentTo < end || !lost.isEmpty();
    }

    /** Writes what fits, lost bytes first, and records it; answers whether anything was written. */
    boolean write(ByteWriter w, SentPackets packet) {
        boolean any = false;
        while (hasData()) {
            boolean again = !lost.isEmpty();
            long from = again ? lost.from(0) : sentTo;
            long to = again ? lost.end(0) : end;
            int fits = FrameCodec.dataThatFits(w.remaining(), 1 + VarInt.length(from));
            int len = (int) Math.min(fits, to - from);
            if (len <= 0) {
                return any;
            }
            FrameCodec.writeCryptoHeader(w, from, len);
            w.bytes(out, (int) (from - base), len);
            packet.add(SentFrame.CRYPTO, from, len, level);
            if (again) {
                lost.remove(from, from + len);
            } else {
                sentTo = from + len;
            }
            any = true;
        }
        return any;
    }

    /** Bytes arrived. */
    void acked(long offset, long len) {
        acked.add(offset, offset + len);
        lost.remove(offset, offset + len);
        if (!acked.isEmpty() && acked.from(0) <= base && acked.end(0) == end) {
            base = end;
            out = NOTHING;
        }
    }

    /** Bytes did not arrive: again, but for what did by another packet. */
    void lost(long offset, long len) {
        long from = Math.max(offset, base);
        long to = offset + len;
        if (from >= to) {
            return;
        }
        lost.add(from, to);
        for (int i = acked.indexAbove(from); i < acked.size() && acked.from(i) < to; i++) {
            lost.remove(acked.from(i), acked.end(i));
        }
    }

    /** The level is over: nothing more is sent or kept. */
    void discard() {
        ahead = NOTHING;
        aheadRanges.clear();
        out = NOTHING;
        base = end;
        sentTo = end;
        lost.clear();
        acked.clear();
    }
}
