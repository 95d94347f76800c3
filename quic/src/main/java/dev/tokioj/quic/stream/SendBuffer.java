package dev.tokioj.quic.stream;

import dev.tokioj.quic.recovery.LongRanges;

/**
 * The bytes of a stream (or of CRYPTO) that are unsent or unacknowledged, at their offsets, on chunks: copied into pooled ones, or
 * taken over from the owner. Knows which ranges are acknowledged and which must be sent again. One thread owns it.
 */
public final class SendBuffer {
    private static final byte[] NOTHING = {};
    private static final int FIRST_CAPACITY = 4;

    /** Gets a chunk back that was given with {@link #appendOwned}. */
    @FunctionalInterface
    public interface Recycler {
        void recycle(byte[] chunk);
    }

    private final ChunkPool pool;
    private final Recycler recycler;

    // Chunk i of [head, head + count) lies at (head + i) & (capacity - 1): its array, where its bytes begin and end in
    // the array, and the stream offset of the first. Offsets rise.
    private byte[][] chunk = new byte[FIRST_CAPACITY][];
    private int[] begin = new int[FIRST_CAPACITY];
    private int[] end = new int[FIRST_CAPACITY];
    private long[] offset = new long[FIRST_CAPACITY];
    private boolean[] owned = new boolean[FIRST_CAPACITY];
    private int head;
    private int count;
    // Where the last copy ended: sending goes through the chunks in order.
    private int hint;

    private long acknowledged;
    private long sent;
    private long written;
    private final LongRanges acked = new LongRanges();
    private final LongRanges lost = new LongRanges();

    public SendBuffer(ChunkPool pool, Recycler recycler) {
        this.pool = pool;
        this.recycler = recycler;
    }

    /** The offset after the last byte written. */
    public long written() {
        return written;
    }

    /** The offset of the first byte never sent. */
    public long sent() {
        return sent;
    }

    /** Everything below is acknowledged. */
    public long acknowledged() {
        return acknowledged;
    }

    /** Bytes held: written and not below {@link #acknowledged}. */
    public long buffered() {
        return written - acknowledged;
    }

    /** Bytes never sent. */
    public long unsent() {
        return written - sent;
    }

    public boolean allAcknowledged() {
        return acknowledged == written;
    }

    // ---- writing ----

    /** Copies bytes behind the others. */
    public void append(byte[] buf, int off, int len) {
        int from = off;
        int left = len;
        while (left > 0) {
            int room = roomInLast();
            if (room == 0) {
                push(count == 0 && left <= ChunkPool.SMALL ? pool.takeSmall() : pool.take(), 0, 0, false);
                room = roomInLast();
            }
            int n = Math.min(room, left);
            int last = index(count - 1);
            System.arraycopy(buf, from, chunk[last], end[last], n);
            end[last] += n;
            written += n;
            from += n;
            left -= n;
        }
    }

    /** Takes an array over until it is recycled; its bytes come behind the others. */
    public void appendOwned(byte[] array, int off, int len) {
        if (len == 0) {
            recycler.recycle(array);
            return;
        }
        push(array, off, off + len, true);
        written += len;
    }

    private int roomInLast() {
        if (count == 0) {
            return 0;
        }
        int last = index(count - 1);
        return owned[last] ? 0 : chunk[last].length - end[last];
    }

    private void push(byte[] array, int from, int to, boolean isOwned) {
        if (count == chunk.length) {
            grow();
        }
        int at = index(count);
        chunk[at] = array;
        begin[at] = from;
        end[at] = to;
        offset[at] = written;
        owned[at] = isOwned;
        count++;
    }

    // ---- sending ----

    /** Whether sent bytes must be sent again. */
    public boolean hasLost() {
        return !lost.isEmpty();
    }

    /** The offset of the first byte to send again. */
    public long lostFrom() {
        return lost.from(0);
    }

    /** The bytes in a row to send again from {@link #lostFrom}. */
    public int lostLength() {
        return (int) Math.min(Integer.MAX_VALUE, lost.end(0) - lost.from(0));
    }

    /** Copies bytes that were written and are not acknowledged. */
    public void copy(long from, byte[] dst, int dstOff, int len) {
        if (from < acknowledged || from + len > written) {
            throw new IllegalArgumentException(from + "+" + len + " of [" + acknowledged + ", " + written + ")");
        }
        int i = find(from);
        long at = from;
        int to = dstOff;
        int left = len;
        while (left > 0) {
            int c = index(i);
            int skip = (int) (at - offset[c]);
            int n = Math.min(left, end[c] - begin[c] - skip);
            System.arraycopy(chunk[c], begin[c] + skip, dst, to, n);
            at += n;
            to += n;
            left -= n;
            i++;
        }
        hint = i - 1;
    }

    /** The chunk that holds the offset. */
    private int find(long at) {
        int low = 0;
        int high = count - 1;
        if (hint >= 0 && hint <= high && offset[index(hint)] <= at) {
            low = hint;
            if (hint == high || offset[index(hint + 1)] > at) {
                return hint;
            }
        }
        while (low < high) {
            int mid = (low + high + 1) >>> 1;
            if (offset[index(mid)] <= at) {
                low = mid;
            } else {
                high = mid - 1;
            }
        }
        return low;
    }

    /** These bytes are sent now: the next new ones, or ones that were lost. */
    public void onSent(long from, int len) {
        if (from < sent) {
            lost.remove(from, from + len);
        }
        sent = Math.max(sent, from + len);
    }

    /** These bytes arrived; returns how many bytes less are held now. */
    public long onAcked(long from, int len) {
        long to = from + len;
        if (to <= acknowledged) {
            return 0;
        }
        if (!lost.isEmpty()) {
            lost.remove(from, to);
        }
        if (from > acknowledged) {
            acked.add(from, to);
            return 0;
        }
        long before = acknowledged;
        acknowledged = to;
        if (!acked.isEmpty()) {
            // At most one range reaches from here on; those below are swallowed.
            int i = acked.indexAbove(to);
            if (i < acked.size() && acked.from(i) <= to) {
                acknowledged = acked.end(i);
            }
            acked.removeBelow(acknowledged);
        }
        free();
        return acknowledged - before;
    }

    /** These bytes must be sent again, but for those that arrived meanwhile. */
    public void onLost(long from, int len) {
        long to = from + len;
        long at = Math.max(from, acknowledged);
        for (int i = acked.indexAbove(at); at < to; i++) {
            if (i == acked.size() || acked.from(i) >= to) {
                lost.add(at, to);
                return;
            }
            lost.add(at, acked.from(i));
            at = Math.max(at, acked.end(i));
        }
    }

    private void free() {
        int freed = 0;
        while (count > 0) {
            int first = index(0);
            if (offset[first] + end[first] - begin[first] > acknowledged) {
                break;
            }
            giveBack(first);
            head = index(1);
            count--;
            freed++;
        }
        hint = Math.max(0, hint - freed);
    }

    private void giveBack(int at) {
        if (owned[at]) {
            recycler.recycle(chunk[at]);
        } else {
            pool.release(chunk[at]);
        }
        chunk[at] = NOTHING;
    }

    /** Nothing is sent any more: every chunk goes back. Returns how many bytes less are held. */
    public long discard() {
        long before = buffered();
        while (count > 0) {
            giveBack(index(0));
            head = index(1);
            count--;
        }
        written = sent;
        acknowledged = sent;
        acked.clear();
        lost.clear();
        return before;
    }

    private int index(int i) {
        return (head + i) & (chunk.length - 1);
    }

    private void grow() {
        int to = Math.multiplyExact(chunk.length, 2);
        byte[][] newChunk = new byte[to][];
        int[] newBegin = new int[to];
        int[] newEnd = new int[to];
        long[] newOffset = new long[to];
        boolean[] newOwned = new boolean[to];
        for (int i = 0; i < count; i++) {
            int at = index(i);
            newChunk[i] = chunk[at];
            newBegin[i] = begin[at];
            newEnd[i] = end[at];
            newOffset[i] = offset[at];
            newOwned[i] = owned[at];
        }
        chunk = newChunk;
        begin = newBegin;
        end = newEnd;
        offset = newOffset;
        owned = newOwned;
        head = 0;
    }
}
