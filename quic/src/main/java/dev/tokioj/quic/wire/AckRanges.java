package dev.tokioj.quic.wire;

/**
 * Walks the ranges of an ACK frame from the highest packet numbers down (RFC 9000 section 19.3.1); reused, makes no garbage.
 *
 * <pre>{@code
 * for (ranges.reset(ack); ranges.next(); ) { use(ranges.smallest(), ranges.largest()); }
 * }</pre>
 *
 * The codec of the ACK frame is here too, because to check a frame is to walk it. One thread owns it.
 */
public final class AckRanges {
    private final ByteReader reader = new ByteReader();
    /** Further ranges in the buffer; -1 once the walk is over. */
    private int left = -1;

    private long nextLargest;
    private long nextSmallest;
    private long smallest;
    private long largest;

    /** A walk that stands nowhere until {@link #reset}. */
    public AckRanges() {}

    /** Points before the first range of {@code ack}, whose packet must still be in its array. */
    public AckRanges reset(Frame.Ack ack) {
        reader.reset(ack.buf(), ack.off(), ack.buf().length);
        left = ack.rangeCount();
        nextLargest = ack.largestAcked();
        nextSmallest = ack.largestAcked() - ack.firstRange();
        return this;
    }

    /** Goes to the highest range not seen yet; false if there is none. */
    public boolean next() {
        if (left < 0) {
            return false;
        }
        largest = nextLargest;
        smallest = nextSmallest;
        if (left-- > 0) {
            try {
                nextLargest = smallest - reader.varInt() - 2;
                nextSmallest = nextLargest - reader.varInt();
            } catch (TransportException e) {
                throw new IllegalStateException("the packet of this ACK frame has changed", e);
            }
        }
        return true;
    }

    /** The lowest packet number of this range. */
    public long smallest() {
        return smallest;
    }

    /** The highest packet number of this range. */
    public long largest() {
        return largest;
    }

    /** Reads an ACK frame after its type and checks every range: none may go below packet number 0. */
    static Frame.Ack read(ByteReader r, boolean ecn) throws TransportException {
        long largestAcked = r.varInt();
        long delay = r.varInt();
        long count = r.varInt();
        long first = r.varInt();
        // Two bytes at least for each range: a count that the packet cannot hold is refused before the walk.
        if (count > r.remaining() / 2) {
            throw malformed(ecn, "more ranges than the packet holds");
        }
        int off = r.position();
        long lowest = largestAcked - first;
        for (long i = 0; i < count && lowest >= 0; i++) {
            // At most 2^62-1 is taken twice from a number below 2^62, so this cannot wrap around.
            lowest -= r.varInt() + 2;
            if (lowest >= 0) {
                lowest -= r.varInt();
            }
        }
        if (lowest < 0) {
            throw malformed(ecn, "a range below packet number 0");
        }
        long ect0 = ecn ? r.varInt() : -1;
        long ect1 = ecn ? r.varInt() : -1;
        long ce = ecn ? r.varInt() : -1;
        return new Frame.Ack(largestAcked, delay, first, (int) count, r.array(), off, ect0, ect1, ce);
    }

    private static TransportException malformed(boolean ecn, String reason) {
        return new TransportException(
                TransportError.FRAME_ENCODING_ERROR, ecn ? FrameType.ACK_ECN : FrameType.ACK, reason);
    }

    /** Writes the frame; see {@link FrameCodec#writeAck}. */
    static int write(ByteWriter w, long delay, long[] ranges, int from, int count, long ect0, long ect1, long ce) {
        boolean ecn = ect0 >= 0;
        int top = from + 2 * (count - 1);
        long largestAcked = ranges[top + 1];
        long first = largestAcked - ranges[top];
        int room = w.remaining() - 1 - VarInt.length(largestAcked) - VarInt.length(delay) - VarInt.length(first);
        if (ecn) {
            room -= VarInt.length(ect0) + VarInt.length(ect1) + VarInt.length(ce);
        }
        int further = howManyFit(ranges, from, top, room);
        if (further < 0) {
            return 0;
        }
        w.u8(ecn ? FrameType.ACK_ECN : FrameType.ACK).varInt(largestAcked).varInt(delay);
        w.varInt(further).varInt(first);
        for (int i = top - 2; i > top - 2 - 2 * further; i -= 2) {
            w.varInt(ranges[i + 2] - ranges[i + 1] - 2).varInt(ranges[i + 1] - ranges[i]);
        }
        if (ecn) {
            w.varInt(ect0).varInt(ect1).varInt(ce);
        }
        return further + 1;
    }

    /** How many ranges below {@code top}, with their count, fit into {@code room} bytes; -1 if not even the count does. */
    private static int howManyFit(long[] ranges, int from, int top, int room) {
        int fit = room >= 1 ? 0 : -1;
        int used = 0;
        for (int i = top - 2; i >= from && fit >= 0; i -= 2) {
            used += VarInt.length(ranges[i + 2] - ranges[i + 1] - 2) + VarInt.length(ranges[i + 1] - ranges[i]);
            if (used + VarInt.length(fit + 1) > room) {
                break;
            }
            fit++;
        }
        return fit;
    }
}
