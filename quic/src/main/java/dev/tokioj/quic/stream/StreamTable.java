package dev.tokioj.quic.stream;

import dev.tokioj.quic.memory.ReadAhead;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The streams that exist, by ID: open addressing. The peer chooses IDs, so their places are keyed with a seed. */
final class StreamTable {
    private static final int FIRST_CAPACITY = 16;
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;

    private final long seed;
    private @Nullable Stream[] places = new Stream[FIRST_CAPACITY];
    private int size;
    // Frames of one stream come in a row.
    private @Nullable Stream latest;

    StreamTable(long seed) {
        this.seed = seed;
    }

    int size() {
        return size;
    }

    private int home(long id) {
        long h = (id ^ seed) * GOLDEN;
        h = (h ^ h >>> 32 ^ seed >>> 7) * GOLDEN;
        return (int) (h >>> 40) & (places.length - 1);
    }

    @Nullable Stream get(long id) {
        Stream candidate = latest;
        if (candidate != null && candidate.id == id) {
            return candidate;
        }
        for (int i = home(id); ; i = (i + 1) & (places.length - 1)) {
            Stream stream = places[i];
            if (stream == null) {
                return null;
            }
            if (stream.id == id) {
                latest = stream;
                return stream;
            }
        }
    }

    /** Adds a stream whose ID is not in the table. */
    void add(Stream stream) {
        if (2 * (size + 1) > places.length) {
            grow();
        }
        put(stream);
        size++;
    }

    private void put(Stream stream) {
        int i = home(stream.id);
        while (places[i] != null) {
            i = (i + 1) & (places.length - 1);
        }
        places[i] = stream;
    }

    private void grow() {
        Stream[] old = places;
        places = new Stream[2 * old.length];
        for (Stream stream : old) {
            if (stream != null) {
                put(stream);
            }
        }
    }

    void remove(Stream stream) {
        if (latest == stream) {
            latest = null;
        }
        int mask = places.length - 1;
        int hole = home(stream.id);
        while (places[hole] != stream) {
            hole = (hole + 1) & mask;
        }
        // Those behind that would not be found over the hole move into it.
        for (int i = (hole + 1) & mask; ; i = (i + 1) & mask) {
            Stream next = places[i];
            if (next == null) {
                break;
            }
            int home = home(next.id);
            if (((i - home) & mask) >= ((i - hole) & mask)) {
                places[hole] = next;
                hole = i;
            }
        }
        places[hole] = null;
        size--;
    }

    /** Calls for each stream, in no order; the action must not add or remove streams. */
    void forEach(Consumer<Stream> action) {
        for (Stream stream : places) {
            if (stream != null) {
                action.accept(stream);
            }
        }
    }

    void clear() {
        Arrays.fill(places, null);
        latest = null;
        size = 0;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(places);
    }
}
