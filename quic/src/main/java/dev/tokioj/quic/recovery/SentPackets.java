package dev.tokioj.quic.recovery;

import dev.tokioj.quic.memory.ReadAhead;
import java.util.Arrays;

/**
 * The sent packets of one packet number space that may still be acknowledged, in the order of their numbers (RFC 9002 appendix
 * A.1). Everything lies in rings of primitive arrays: no object per packet or frame. One thread owns it.
 *
 * <p>To send: {@link #begin}, {@link #add} for each frame, then {@link LossDetector#onPacketSent}, or {@link #abandon} if the
 * packet is not sent after all.
 *
 * <p>Packets of ACK frames alone are not in flight and may never be acknowledged; a peer must not be able to make us keep them,
 * so just the latest few are remembered (for their round-trip time and for what they acknowledged).
 */
public final class SentPackets {
    /** Small: most connections are idle most of the time, and growing is cheap. */
    private static final int FIRST_CAPACITY = 8;

    private static final int FIRST_FRAMES = 8;
    private static final int ACK_ONLY = 8;
    private static final long[] NO_LONGS = {};
    private static final int[] NO_INTS = {};
    private static final byte[] NO_BYTES = {};

    /** No such time: no clock says this. */
    static final long NO_TIME = Long.MIN_VALUE;

    // Flags of a packet.
    static final int ACK_ELICITING = 1;
    static final int ECT0 = 2;
    static final int MTU_PROBE = 4;
    static final int LOST = 8;
    /** Its frames were already given to {@link FrameFate#lost} for a probe. */
    static final int REQUEUED = 16;
    /** It was declared lost because of its age, not because of later packets. */
    static final int LOST_BY_TIME = 32;

    private final LongRanges skipped;

    // A packet lives in slot s, head <= s < tail, at index s & (capacity - 1). Slots rise with packet numbers.
    private long[] number = NO_LONGS;
    private long[] sentTime = NO_LONGS;
    private long[] frameEnd = NO_LONGS;
    private int[] bytes = NO_INTS;
    private int[] path = NO_INTS;
    private byte[] flags = NO_BYTES;
    // A bit a slot: neither acknowledged nor forgotten. It lets an ACK skip 64 packets acknowledged before at a time.
    private long[] open = NO_LONGS;
    private long head;
    private long tail;
    // No slot below is outstanding (open and not LOST).
    private long firstOutstanding;
    private int lostRetained;

    // Frame f of [frameHead, frameTail) lies at f & (frames - 1); those of slot s end at frameEnd[s].
    private byte[] kind = NO_BYTES;
    private long[] frameA = NO_LONGS;
    private long[] frameB = NO_LONGS;
    private long[] frameC = NO_LONGS;
    private long frameHead;
    private long frameTail;

    private long largestSent = -1;
    private long building = -1;
    private long buildingFrames;
    private int buildingFlags;

    // The latest ACK-only packets, a ring: number (-1 where there is none), time, and what they acknowledged.
    private long[] ackOnly = NO_LONGS;
    private int ackOnlyNext;

    // Kept by LossDetector.
    int ackElicitingOutstanding;
    long lastAckElicitingTime;
    long largestAcked = -1;
    long lossTime = Long.MAX_VALUE;
    long lostRunStart = Long.MAX_VALUE;
    long lostRunSlot = -1;

    /** In place of those of a space whose keys are discarded: nothing is in it, and nobody writes to it, so that all may share it. */
    static final SentPackets NONE = new SentPackets(1);

    SentPackets(int maxSkipsRemembered) {
        this.skipped = new LongRanges(maxSkipsRemembered);
    }

    /** The greatest packet number committed or skipped, -1 before the first. */
    public long largestSent() {
        return largestSent;
    }

    /** The greatest packet number acknowledged, -1 before the first. */
    public long largestAcked() {
        return largestAcked;
    }

    /** Whether an ack-eliciting packet waits for its acknowledgement. */
    public boolean hasAckElicitingInFlight() {
        return ackElicitingOutstanding > 0;
    }

    /** Ack-eliciting packets that are neither acknowledged nor lost. */
    public int ackElicitingInFlight() {
        return ackElicitingOutstanding;
    }

    /** Packets for which there is memory. For tests. */
    int capacity() {
        return number.length;
    }

    /** Packets in memory: outstanding ones, and what lies between them or is lost and may be late. For tests and figures. */
    int retained() {
        return (int) (tail - head);
    }

    /** This number will never be sent: a peer that acknowledges it lies (RFC 9000 section 21.4). */
    public void skip(long packetNumber) {
        requireNext(packetNumber);
        skipped.add(packetNumber);
        largestSent = packetNumber;
    }

    /** A packet begins. */
    public void begin(long packetNumber) {
        requireNext(packetNumber);
        building = packetNumber;
        buildingFrames = frameTail;
        buildingFlags = 0;
    }

    private void requireNext(long packetNumber) {
        if (building >= 0 || packetNumber <= largestSent) {
            throw new IllegalStateException("packet " + packetNumber + " after " + largestSent
                    + (building >= 0 ? ", building " + building : ""));
        }
    }

    /** The packet being built carries this frame. PADDING and CONNECTION_CLOSE are not recorded. */
    public void add(SentFrame frame, long a, long b, long c) {
        if (building < 0) {
            throw new IllegalStateException("no packet begun");
        }
        if (frameTail - frameHead == kind.length) {
            growFrames();
        }
        int at = (int) frameTail & (kind.length - 1);
        kind[at] = frame.code();
        frameA[at] = a;
        frameB[at] = b;
        frameC[at] = c;
        frameTail++;
        if (frame == SentFrame.MTU_PROBE) {
            buildingFlags |= MTU_PROBE;
        }
    }

    /** How many frames the packet being built has. */
    public int building() {
        return building < 0 ? 0 : (int) (frameTail - buildingFrames);
    }

    /** The packet begun is not sent; its number may be used again. */
    public void abandon() {
        frameTail = buildingFrames;
        building = -1;
    }

    /** The packet begun was sent. Called by {@link LossDetector#onPacketSent}, which counts it. */
    void commit(long now, int size, boolean ackEliciting, boolean inFlight, boolean ect0, int pathId) {
        if (building < 0) {
            throw new IllegalStateException("no packet begun");
        }
        largestSent = building;
        if (inFlight) {
            append(now, size, ackEliciting, ect0, pathId);
        } else {
            rememberAckOnly(now);
        }
        building = -1;
    }

    private void append(long now, int size, boolean ackEliciting, boolean ect0, int pathId) {
        if (tail - head == number.length) {
            grow();
        }
        int at = index(tail);
        number[at] = building;
        sentTime[at] = now;
        bytes[at] = size;
        path[at] = pathId;
        frameEnd[at] = frameTail;
        flags[at] = (byte) (buildingFlags | (ackEliciting ? ACK_ELICITING : 0) | (ect0 ? ECT0 : 0));
        open[at >>> 6] |= 1L << at;
        tail++;
        if (ackEliciting) {
            ackElicitingOutstanding++;
            lastAckElicitingTime = now;
        }
    }

    private void rememberAckOnly(long now) {
        if (ackOnly.length == 0) {
            ackOnly = new long[3 * ACK_ONLY];
            Arrays.fill(ackOnly, -1);
        }
        int at = 3 * ackOnlyNext;
        ackOnlyNext = (ackOnlyNext + 1) % ACK_ONLY;
        ackOnly[at] = building;
        ackOnly[at + 1] = now;
        ackOnly[at + 2] = -1;
        for (long f = buildingFrames; f < frameTail; f++) {
            int i = (int) f & (kind.length - 1);
            if (kind[i] == SentFrame.ACK.code()) {
                ackOnly[at + 2] = frameA[i];
            }
        }
        frameTail = buildingFrames;
    }

    // ---- what LossDetector reads and does ----

    /** Whether a number of {@code [low, high]} was never sent on purpose. */
    boolean skippedAny(long low, long high) {
        return skipped.intersects(low, high + 1);
    }

    /** How many numbers strictly between were skipped. */
    long skippedBetween(long low, long high) {
        return skipped.isEmpty() || high <= skipped.from(0) ? 0 : skipped.count(low + 1, high);
    }

    long head() {
        return head;
    }

    long tail() {
        return tail;
    }

    long numberOf(long slot) {
        return number[index(slot)];
    }

    long sentTimeOf(long slot) {
        return sentTime[index(slot)];
    }

    int bytesOf(long slot) {
        return bytes[index(slot)];
    }

    int pathOf(long slot) {
        return path[index(slot)];
    }

    boolean has(long slot, int flag) {
        return (flags[index(slot)] & flag) != 0;
    }

    void set(long slot, int flag) {
        flags[index(slot)] |= (byte) flag;
    }

    /** The first slot whose packet number is at least {@code packetNumber}; the tail if none. */
    long slotAtOrAbove(long packetNumber) {
        if (tail == head || number[index(head)] >= packetNumber) {
            return head;
        }
        // Numbers are dense but for skips and ACK-only packets: the slot cannot be above this guess.
        long low = head;
        long high = Math.min(tail, head + (packetNumber - number[index(head)]));
        if (high < tail && number[index(high)] == packetNumber) {
            return high;
        }
        while (low < high) {
            long mid = (low + high) >>> 1;
            if (number[index(mid)] >= packetNumber) {
                high = mid;
            } else {
                low = mid + 1;
            }
        }
        return low;
    }

    /** The first open slot of {@code [from, end)}, or {@code end}. */
    long nextOpen(long from, long end) {
        long slot = from;
        while (slot < end) {
            int at = index(slot);
            long bits = open[at >>> 6] >>> at;
            if (bits != 0) {
                return Math.min(end, slot + Long.numberOfTrailingZeros(bits));
            }
            slot += Math.min(64 - (at & 63), number.length - at);
        }
        return end;
    }

    boolean isOpen(long slot) {
        int at = index(slot);
        return (open[at >>> 6] >>> at & 1) != 0;
    }

    /** The first slot that is neither acknowledged nor lost; the tail if none. O(1) amortised. */
    long nextOutstanding() {
        firstOutstanding = Math.max(firstOutstanding, head);
        while (firstOutstanding < tail) {
            firstOutstanding = nextOpen(firstOutstanding, tail);
            if (firstOutstanding < tail && !has(firstOutstanding, LOST)) {
                break;
            }
            firstOutstanding = Math.min(tail, firstOutstanding + 1);
        }
        return firstOutstanding;
    }

    void reportAcked(long slot, FrameFate fate) {
        long end = frameEnd[index(slot)];
        for (long f = frameBegin(slot); f < end; f++) {
            int i = (int) f & (kind.length - 1);
            fate.acked(SentFrame.of(kind[i]), frameA[i], frameB[i], frameC[i]);
        }
    }

    void reportLost(long slot, FrameFate fate) {
        long end = frameEnd[index(slot)];
        for (long f = frameBegin(slot); f < end; f++) {
            int i = (int) f & (kind.length - 1);
            fate.lost(SentFrame.of(kind[i]), frameA[i], frameB[i], frameC[i]);
        }
    }

    private long frameBegin(long slot) {
        return slot == head ? frameHead : frameEnd[index(slot - 1)];
    }

    /** The packet is done with: acknowledged, or not worth remembering. */
    void close(long slot) {
        int at = index(slot);
        if ((open[at >>> 6] >>> at & 1) == 0) {
            return;
        }
        open[at >>> 6] &= ~(1L << at);
        if ((flags[at] & LOST) != 0) {
            lostRetained--;
        } else if ((flags[at] & ACK_ELICITING) != 0) {
            ackElicitingOutstanding--;
        }
    }

    /** The packet is lost, and remembered in case it is acknowledged late. */
    void markLost(long slot, boolean byTime) {
        int at = index(slot);
        if ((flags[at] & ACK_ELICITING) != 0) {
            ackElicitingOutstanding--;
        }
        flags[at] |= (byte) (LOST | (byTime ? LOST_BY_TIME : 0));
        lostRetained++;
    }

    /** Forgets closed packets at the head, lost ones sent before {@code lostBefore}, and more lost ones if there are too many. */
    void prune(long lostBefore, int maxLost) {
        while (head < tail) {
            if (isOpen(head)) {
                if (!has(head, LOST) || (sentTimeOf(head) >= lostBefore && lostRetained <= maxLost)) {
                    break;
                }
                close(head);
            }
            frameHead = frameEnd[index(head)];
            head++;
        }
    }

    /** When the ACK-only packet was sent; {@link #NO_TIME} if there is none of this number in memory. Then forgets it. */
    long takeAckOnly(long packetNumber, FrameFate fate) {
        for (int at = 0; at < ackOnly.length; at += 3) {
            if (ackOnly[at] == packetNumber) {
                ackOnly[at] = -1;
                if (ackOnly[at + 2] >= 0) {
                    fate.acked(SentFrame.ACK, ackOnly[at + 2], 0, 0);
                }
                return ackOnly[at + 1];
            }
        }
        return NO_TIME;
    }

    /** Forgets everything, memory included: the keys of the space are gone. The packet numbers go on. */
    void clear() {
        head = tail;
        frameHead = frameTail;
        building = -1;
        firstOutstanding = tail;
        lostRetained = 0;
        ackElicitingOutstanding = 0;
        lastAckElicitingTime = 0;
        lossTime = Long.MAX_VALUE;
        lostRunStart = Long.MAX_VALUE;
        lostRunSlot = -1;
        ackOnly = NO_LONGS;
        trim();
    }

    /** Gives back the memory of packets, if none are remembered: a quiet connection needs none. */
    public void trim() {
        if (head == tail && building < 0) {
            number = NO_LONGS;
            sentTime = NO_LONGS;
            frameEnd = NO_LONGS;
            bytes = NO_INTS;
            path = NO_INTS;
            flags = NO_BYTES;
            open = NO_LONGS;
            kind = NO_BYTES;
            frameA = NO_LONGS;
            frameB = NO_LONGS;
            frameC = NO_LONGS;
        }
    }

    // ---- memory ----

    private int index(long slot) {
        return (int) slot & (number.length - 1);
    }

    private void grow() {
        int from = number.length;
        int to = from == 0 ? FIRST_CAPACITY : Math.multiplyExact(from, 2);
        long[] newOpen = new long[(to + 63) / 64];
        for (long s = head; s < tail; s++) {
            if (isOpen(s)) {
                int at = (int) s & (to - 1);
                newOpen[at >>> 6] |= 1L << at;
            }
        }
        number = spread(number, to, head, tail);
        sentTime = spread(sentTime, to, head, tail);
        frameEnd = spread(frameEnd, to, head, tail);
        int[] newBytes = new int[to];
        int[] newPath = new int[to];
        byte[] newFlags = new byte[to];
        for (long s = head; s < tail; s++) {
            newBytes[(int) s & (to - 1)] = bytes[(int) s & (from - 1)];
            newPath[(int) s & (to - 1)] = path[(int) s & (from - 1)];
            newFlags[(int) s & (to - 1)] = flags[(int) s & (from - 1)];
        }
        bytes = newBytes;
        path = newPath;
        flags = newFlags;
        open = newOpen;
    }

    private void growFrames() {
        int from = kind.length;
        int to = from == 0 ? FIRST_FRAMES : Math.multiplyExact(from, 2);
        byte[] newKind = new byte[to];
        for (long f = frameHead; f < frameTail; f++) {
            newKind[(int) f & (to - 1)] = kind[(int) f & (from - 1)];
        }
        kind = newKind;
        frameA = spread(frameA, to, frameHead, frameTail);
        frameB = spread(frameB, to, frameHead, frameTail);
        frameC = spread(frameC, to, frameHead, frameTail);
    }

    private static long[] spread(long[] ring, int capacity, long from, long end) {
        long[] to = new long[capacity];
        for (long i = from; i < end; i++) {
            to[(int) i & (to.length - 1)] = ring[(int) i & (ring.length - 1)];
        }
        return to;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead to) {
        to.add(this);
        to.add(number);
        to.add(sentTime);
        to.add(frameEnd);
        to.add(bytes);
        to.add(path);
        to.add(flags);
        to.add(open);
        to.add(kind);
        to.add(frameA);
        to.add(frameB);
        to.add(frameC);
        to.add(ackOnly);
        to.add(skipped);
    }
}
