package dev.tokioj.quic.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The objects that one connection's next packet will need, so that they can be read before it comes to that. Among thousands of
 * connections each object is cold when its turn comes, and found only by the one before it: hundreds of waits for the memory, one
 * after another. Reads from a list do not depend on each other, and the core waits for a dozen of them at once. Java has no
 * instruction to prefetch; a read of the object's class, which stands in its header, is the next best. One thread's.
 */
public final class ReadAhead {
    /** After so many reads it is old: a connection's objects change. */
    public static final int MAX_READS = 250;

    private final Object[] objects;
    private int reads;

    private ReadAhead(Object[] objects) {
        this.objects = objects;
    }

    /** Gathers the objects of one list. One thread's, and used once. */
    public static final class Builder {
        private Object[] objects = new Object[64];
        private int size;

        /** Nothing yet. */
        public Builder() {}

        /** Adds an object; null is left out. */
        public void add(@Nullable Object object) {
            if (object == null) {
                return;
            }
            if (size == objects.length) {
                objects = Arrays.copyOf(objects, 2 * size);
            }
            objects[size++] = object;
        }

        /** The list of what was added. */
        public ReadAhead build() {
            return new ReadAhead(Arrays.copyOf(objects, size));
        }
    }

    /** How many there are. */
    public int size() {
        return objects.length;
    }

    /** Whether it has been read so often that it is time for a new one. */
    public boolean isOld() {
        return reads >= MAX_READS;
    }

    /**
     * Reads them all.
     *
     * @return of no meaning; to be stored somewhere, or the compiler leaves the reads out
     */
    public int read() {
        reads++;
        int read = 0;
        for (Object each : objects) {
            // Never true; and cheaper than anything else that needs the header.
            if (each.getClass() == ReadAhead.class) {
                read++;
            }
        }
        return read;
    }
}
