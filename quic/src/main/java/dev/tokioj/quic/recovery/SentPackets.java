package dev.tokioj.quic.recovery;

import dev.tokioj.quic.memory.ReadAhead;
import java.util.Arrays;

/**
 * The sent packets of one packet number space that may still be acknowledged, in the order of their numbers (RFC 9002 appendix
 * A.1). Everything lies in rings of longs: no object per packet or frame. One thread owns it.
 *
 * <p>To send: {@link #begin}, {@link #add} for each frame, then {@link LossDetector#onPacketSent}, or {@link #abandon} if the
 * packet is not sent after all.
 *
 * <p>Packets of ACK frames alone are not in flight and may never be acknowledged; a peer must not be able to make us keep them,
 * so just the latest few are remembered (for their round-trip time and for what they acknowledged).
 *
 * <p>What belongs together lies together, as a record of a few longs: among thousands of connections, one that is used again is
 * not in the cache, and each array and each line of it costs a wait for the memory.
 *
 * <table>
 * <caption>The arrays</caption>
 * <tr><th>array</th><th>long</th><th>what</th></tr>
 * <tr><td>packets, in front</td><td></td><td>a bit a slot: is it open, neither acknowledged nor forgotten? So an ACK can skip 64
 * packets acknowledged before at a time</td></tr>
 * <tr><td>packets, a record</td><td>0</td><td>packet number</td></tr>
 * <tr><td></td><td>1</td><td>time it was sent</td></tr>
 * <tr><td></td><td>2</td><td>where its frames end; they begin where those of the slot before end</td></tr>
 * <tr><td></td><td>3</td><td>bits 0 to 7: flags; 8 to 31: bytes; 32 to 63: path</td></tr>
 * <tr><td>frames, a record</td><td>0</td><td>a</td></tr>
 * <tr><td></td><td>1</td><td>b</td></tr>
 * <tr><td></td><td>2</td><td>bits 0 to 7: the code of its kind; 8 to 63: c</td></tr>
 * <tr><td>ackOnly, a record</td><td>0, 1</td><td>packet number (-1: there is none here) and time it was sent</td></tr>
 * <tr><td></td><td>2</td><td>the Largest Acknowledged it carried; -1: none</td></tr>
 * </table>
 */
public final class SentPackets {
    /** Small: most connections are idle most of the time, and growing is cheap. */
    private static final int FIRST_CAPACITY = 8;

    private static final int FIRST_FRAMES = 8;
    private static final int ACK_ONLY = 8;
    private static final long[] NO_LONGS = {};

    // A record's length in longs, and what lies where in it.
    private static final int PACKET = 4;
    private static final int NUMBER = 0;
    private static final int TIME = 1;
    private static final int FRAMES_END = 2;
    private static final int DETAILS = 3;
    private static final int FRAME = 3;
    private static final int A = 0;
    private static final int B = 1;
    private static final int C_AND_KIND = 2;
    private static final int ACK_ONLY_RECORD = 3;
    private static final int LARGEST = 2;
    private static final int BYTES_SHIFT = 8;
    private static final int BYTES_MASK = 0xff_ffff;
    private static final int PATH_SHIFT = 32;
    private static final int C_SHIFT = 8;

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
    private long[] packets = NO_LONGS;
    private int capacity;
    private int openLongs; // in front of the records
    private long head;
    private long tail;
    // No slot below is outstanding (open and not LOST).
    private long firstOutstanding;
    private int lostRetained;

    // Frame f of [frameHead, frameTail) is at index f & (frameCapacity - 1).
    private long[] frames = NO_LONGS;
    private int frameCapacity;
    private long frameHead;
    private long frameTail;

    private long largestSent = -1;
    private long building = -1;
    private long buildingFrames;
    private int buildingFlags;

    // The latest ACK-only packets, a ring.
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
        return capacity;
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

    /**
     * The packet being built carries this frame. PADDING and CONNECTION_CLOSE are not recorded. No frame needs more than 33 bits
     * of {@code c} (STREAM); there is room for 56, the sign included.
     */
    public void add(SentFrame frame, long a, long b, long c) {
        if (building < 0) {
            throw new IllegalStateException("no packet begun");
        }
        if (frameTail - frameHead == frameCapacity) {
            growFrames();
        }
        int at = frameRecord(frameTail);
        frames[at + A] = a;
        frames[at + B] = b;
        frames[at + C_AND_KIND] = c << C_SHIFT | frame.code();
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
        if (tail - head == capacity) {
            grow();
        }
        int flags = buildingFlags | (ackEliciting ? ACK_ELICITING : 0) | (ect0 ? ECT0 : 0);
        int at = record(tail);
        packets[at + NUMBER] = building;
        packets[at + TIME] = now;
        packets[at + FRAMES_END] = frameTail;
        packets[at + DETAILS] = (long) pathId << PATH_SHIFT | (long) size << BYTES_SHIFT | flags;
        packets[index(tail) >>> 6] |= 1L << index(tail);
        tail++;
        if (ackEliciting) {
            ackElicitingOutstanding++;
            lastAckElicitingTime = now;
        }
    }

    private void rememberAckOnly(long now) {
        if (ackOnly.length == 0) {
            ackOnly = new long[ACK_ONLY_RECORD * ACK_ONLY];
            Arrays.fill(ackOnly, -1);
        }
        int at = ACK_ONLY_RECORD * ackOnlyNext;
        ackOnlyNext = (ackOnlyNext + 1) % ACK_ONLY;
        ackOnly[at + NUMBER] = building;
        ackOnly[at + TIME] = now;
        ackOnly[at + LARGEST] = -1;
        for (long f = buildingFrames; f < frameTail; f++) {
            int i = frameRecord(f);
            if (kind(i) == SentFrame.ACK) {
                ackOnly[at + LARGEST] = frames[i + A];
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
        return packets[record(slot) + NUMBER];
    }

    long sentTimeOf(long slot) {
        return packets[record(slot) + TIME];
    }

    int bytesOf(long slot) {
        return (int) (packets[record(slot) + DETAILS] >>> BYTES_SHIFT) & BYTES_MASK;
    }

    int pathOf(long slot) {
        return (int) (packets[record(slot) + DETAILS] >>> PATH_SHIFT);
    }

    boolean has(long slot, int flag) {
        return (packets[record(slot) + DETAILS] & flag) != 0;
    }

    void set(long slot, int flag) {
        packets[record(slot) + DETAILS] |= flag;
    }

    private long framesEnd(long slot) {
        return packets[record(slot) + FRAMES_END];
    }

    /** The first slot whose packet number is at least {@code packetNumber}; the tail if none. */
    long slotAtOrAbove(long packetNumber) {
        if (tail == head || numberOf(head) >= packetNumber) {
            return head;
        }
        // Numbers are dense but for skips and ACK-only packets: the slot cannot be above this guess.
        long low = head;
        long high = Math.min(tail, head + (packetNumber - numberOf(head)));
        if (high < tail && numberOf(high) == packetNumber) {
            return high;
        }
        while (low < high) {
            long mid = (low + high) >>> 1;
            if (numberOf(mid) >= packetNumber) {
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
            long bits = packets[at >>> 6] >>> at;
            if (bits != 0) {
                return Math.min(end, slot + Long.numberOfTrailingZeros(bits));
            }
            slot += Math.min(64 - (at & 63), capacity - at);
        }
        return end;
    }

    boolean isOpen(long slot) {
        int at = index(slot);
        return (packets[at >>> 6] >>> at & 1) != 0;
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
        long end = framesEnd(slot);
        for (long f = framesBegin(slot); f < end; f++) {
            int at = frameRecord(f);
            fate.acked(kind(at), frames[at + A], frames[at + B], frames[at + C_AND_KIND] >> C_SHIFT);
        }
    }

    void reportLost(long slot, FrameFate fate) {
        long end = framesEnd(slot);
        for (long f = framesBegin(slot); f < end; f++) {
            int at = frameRecord(f);
            fate.lost(kind(at), frames[at + A], frames[at + B], frames[at + C_AND_KIND] >> C_SHIFT);
        }
    }

    private long framesBegin(long slot) {
        return slot == head ? frameHead : framesEnd(slot - 1);
    }

    private SentFrame kind(int frameRecord) {
        return SentFrame.of((byte) frames[frameRecord + C_AND_KIND]);
    }

    /** The packet is done with: acknowledged, or not worth remembering. */
    void close(long slot) {
        if (!isOpen(slot)) {
            return;
        }
        packets[index(slot) >>> 6] &= ~(1L << index(slot));
        if (has(slot, LOST)) {
            lostRetained--;
        } else if (has(slot, ACK_ELICITING)) {
            ackElicitingOutstanding--;
        }
    }

    /** The packet is lost, and remembered in case it is acknowledged late. */
    void markLost(long slot, boolean byTime) {
        if (has(slot, ACK_ELICITING)) {
            ackElicitingOutstanding--;
        }
        set(slot, LOST | (byTime ? LOST_BY_TIME : 0));
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
            frameHead = framesEnd(head);
            head++;
        }
    }

    /** When the ACK-only packet was sent; {@link #NO_TIME} if there is none of this number in memory. Then forgets it. */
    long takeAckOnly(long packetNumber, FrameFate fate) {
        for (int at = 0; at < ackOnly.length; at += ACK_ONLY_RECORD) {
            if (ackOnly[at + NUMBER] == packetNumber) {
                ackOnly[at + NUMBER] = -1;
                if (ackOnly[at + LARGEST] >= 0) {
                    fate.acked(SentFrame.ACK, ackOnly[at + LARGEST], 0, 0);
                }
                return ackOnly[at + TIME];
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
            packets = NO_LONGS;
            capacity = 0;
            openLongs = 0;
            frames = NO_LONGS;
            frameCapacity = 0;
        }
    }

    // ---- memory: where the open bit of a slot is, where its record begins, and that of a frame ----

    private int index(long slot) {
        return (int) slot & (capacity - 1);
    }

    private int record(long slot) {
        return openLongs + PACKET * index(slot);
    }

    private int frameRecord(long frame) {
        return FRAME * ((int) frame & (frameCapacity - 1));
    }

    private void grow() {
        int to = capacity == 0 ? FIRST_CAPACITY : Math.multiplyExact(capacity, 2);
        int toOpenLongs = (to + 63) >>> 6;
        long[] grown = new long[Math.addExact(toOpenLongs, Math.multiplyExact(to, PACKET))];
        for (long s = head; s < tail; s++) {
            int at = (int) s & (to - 1);
            System.arraycopy(packets, record(s), grown, toOpenLongs + PACKET * at, PACKET);
            grown[at >>> 6] |= isOpen(s) ? 1L << at : 0;
        }
        packets = grown;
        capacity = to;
        openLongs = toOpenLongs;
    }

    private void growFrames() {
        int to = frameCapacity == 0 ? FIRST_FRAMES : Math.multiplyExact(frameCapacity, 2);
        long[] grown = new long[Math.multiplyExact(to, FRAME)];
        for (long f = frameHead; f < frameTail; f++) {
            System.arraycopy(frames, frameRecord(f), grown, FRAME * ((int) f & (to - 1)), FRAME);
        }
        frames = grown;
        frameCapacity = to;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(packets);
        to.add(frames);
        to.add(ackOnly);
        to.add(skipped);
    }
}
