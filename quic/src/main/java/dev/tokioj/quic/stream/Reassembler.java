package dev.tokioj.quic.stream;

import java.util.Arrays;

/**
 * Puts the bytes of a stream (or of CRYPTO) in order. What comes in order goes straight to the sink; what comes early is copied
 * to its place in a grid of pooled chunks, with a bit a byte that says what is there. So a fragment costs its length, however
 * many gaps there are, and memory is at most what lies between the first hole and the greatest offset received (rounded up to
 * chunks, and an eighth for the bits): the window that was granted. There is no count of fragments to attack.
 *
 * <p>Where data overlaps, the bytes that came first stay (RFC 9000 section 2.2 leaves this open). One thread owns it.
 */
public final class Reassembler {
    private static final int SHIFT = Integer.numberOfTrailingZeros(ChunkPool.CHUNK);
    private static final int MASK = ChunkPool.CHUNK - 1;
    private static final int FIRST_CAPACITY = 4;
    private static final int NONE = -1;
    private static final byte[] NO_CHUNK = {};
    private static final long[] NO_BITS = {};

    /** Takes bytes in order. */
    @FunctionalInterface
    public interface Output {
        /** The next bytes; the array is good during the call only. */
        void bytes(byte[] buf, int off, int len);
    }

    private final ChunkPool pool;
    private final long maxAhead;
    private long next;
    private long stored;
    private int chunkCount;
    // The chunk of offset o lies at (o >> SHIFT) & (capacity - 1), if o is in the span that begins with the chunk of
    // next.
    private byte[][] chunks = {};
    private long[][] present = {};
    // The place of the chunk that the sink is reading: it goes back to the pool after that, even if the sink clears
    // everything.
    private int delivering = NONE;

    /** @param maxAhead how many bytes above the first missing one may come; more is refused */
    public Reassembler(ChunkPool pool, long maxAhead) {
        this.pool = pool;
        this.maxAhead = maxAhead;
    }

    /** The offset of the first byte that the sink has not got. */
    public long next() {
        return next;
    }

    /** Bytes that came early and wait. */
    public long stored() {
        return stored;
    }

    /** Chunks of {@link ChunkPool#CHUNK} bytes held for them. */
    int chunkCount() {
        return chunkCount;
    }

    /**
     * Bytes came; those that are in order now go to the sink, which may call {@link #clear}.
     *
     * @return false if they reach too far ahead; then nothing happened
     */
    public boolean receive(long offset, byte[] buf, int off, int len, Output sink) {
        long end = offset + len;
        if (end - next > maxAhead) {
            return false;
        }
        if (end <= next) {
            return true;
        }
        long from = Math.max(offset, next);
        int at = off + (int) (from - offset);
        int left = (int) (end - from);
        if (from == next && (stored == 0 || !anyPresent(from, end))) {
            pass(end);
            sink.bytes(buf, at, left);
        } else {
            store(from, buf, at, left);
        }
        if (stored > 0) {
            drain(sink);
        }
        return true;
    }

    /** Forgets what is stored. The sink gets no more of it, even if it calls this itself. */
    public void clear() {
        releaseAll();
        stored = 0;
    }

    // ---- storing ----

    private void store(long from, byte[] buf, int off, int len) {
        reserve(from + len);
        long at = from;
        int src = off;
        int left = len;
        while (left > 0) {
            int slot = slot(at);
            if (chunks[slot].length == 0) {
                chunks[slot] = pool.take();
                present[slot] = pool.takePresence();
                chunkCount++;
            }
            int pos = (int) at & MASK;
            int n = Math.min(left, ChunkPool.CHUNK - pos);
            fill(chunks[slot], present[slot], pos, pos + n, buf, src);
            at += n;
            src += n;
            left -= n;
        }
    }

    /** Copies what is missing of {@code [pos, end)} of a chunk. */
    private void fill(byte[] chunk, long[] bits, int pos, int end, byte[] buf, int src) {
        int at = pos;
        while (at < end) {
            int gapEnd = nextPresent(bits, at, end);
            System.arraycopy(buf, src + at - pos, chunk, at, gapEnd - at);
            set(bits, at, gapEnd);
            stored += gapEnd - at;
            at = nextMissing(bits, gapEnd, end);
        }
    }

    private boolean anyPresent(long from, long end) {
        long at = from;
        // Chunks beyond the span are not there; the span may be shorter than the data.
        long spanEnd = Math.min(end, ((next >> SHIFT) + chunks.length) << SHIFT);
        while (at < spanEnd) {
            int pos = (int) at & MASK;
            int n = (int) Math.min(spanEnd - at, ChunkPool.CHUNK - pos);
            int slot = slot(at);
            if (chunks[slot].length != 0 && nextPresent(present[slot], pos, pos + n) < pos + n) {
                return true;
            }
            at += n;
        }
        return false;
    }

    // ---- delivering ----

    private void drain(Output sink) {
        while (stored > 0) {
            int slot = slot(next);
            byte[] chunk = chunks[slot];
            int pos = (int) next & MASK;
            int run = chunk.length == 0 ? 0 : nextMissing(present[slot], pos, ChunkPool.CHUNK) - pos;
            if (run == 0) {
                return;
            }
            next += run;
            stored -= run;
            delivering = slot;
            sink.bytes(chunk, pos, run);
            delivering = NONE;
            if (chunks[slot].length == 0) {
                pool.release(chunk);
            } else if (pos + run == ChunkPool.CHUNK) {
                release(slot);
            }
        }
        releaseAll();
    }

    /** Everything below {@code to} was delivered straight from a packet: chunks below are of no use, if there are any. */
    private void pass(long to) {
        for (long c = next >> SHIFT; c < to >> SHIFT && chunkCount > 0; c++) {
            release((int) c & (chunks.length - 1));
        }
        next = to;
    }

    private void releaseAll() {
        for (int i = 0; i < chunks.length && chunkCount > 0; i++) {
            release(i);
        }
    }

    private void release(int slot) {
        if (chunks[slot].length != 0) {
            if (slot != delivering) {
                pool.release(chunks[slot]);
            }
            pool.releasePresence(present[slot]);
            chunks[slot] = NO_CHUNK;
            present[slot] = NO_BITS;
            chunkCount--;
        }
    }

    private int slot(long offset) {
        return (int) (offset >> SHIFT) & (chunks.length - 1);
    }

    /** Makes the span reach to {@code end}. */
    private void reserve(long end) {
        long first = next >> SHIFT;
        long needed = ((end - 1) >> SHIFT) - first + 1;
        if (needed <= chunks.length) {
            return;
        }
        int to = Math.max(FIRST_CAPACITY, chunks.length);
        while (to < needed) {
            to = Math.multiplyExact(to, 2);
        }
        byte[][] newChunks = new byte[to][];
        long[][] newPresent = new long[to][];
        Arrays.fill(newChunks, NO_CHUNK);
        Arrays.fill(newPresent, NO_BITS);
        for (long c = first; c < first + chunks.length; c++) {
            int at = (int) c & (chunks.length - 1);
            newChunks[(int) c & (to - 1)] = chunks[at];
            newPresent[(int) c & (to - 1)] = present[at];
        }
        chunks = newChunks;
        present = newPresent;
    }

    // ---- bits ----

    /** The first position of {@code [from, end)} whose byte is there, or {@code end}. */
    private static int nextPresent(long[] bits, int from, int end) {
        int at = from;
        while (at < end) {
            long word = bits[at >>> 6] >>> at;
            if (word != 0) {
                return Math.min(end, at + Long.numberOfTrailingZeros(word));
            }
            at += 64 - (at & 63);
        }
        return end;
    }

    /** The first position of {@code [from, end)} whose byte is missing, or {@code end}. */
    private static int nextMissing(long[] bits, int from, int end) {
        int at = from;
        while (at < end) {
            long word = ~bits[at >>> 6] >>> at;
            if (word != 0) {
                return Math.min(end, at + Long.numberOfTrailingZeros(word));
            }
            at += 64 - (at & 63);
        }
        return end;
    }

    private static void set(long[] bits, int from, int end) {
        int at = from;
        while (at < end) {
            int n = Math.min(64 - (at & 63), end - at);
            bits[at >>> 6] |= (n == 64 ? -1L : (1L << n) - 1) << at;
            at += n;
        }
    }
}
