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
    private Object[] objects = new Object[64];
    private int size;

    /** An empty list. */
    public ReadAhead() {}

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

    /** No more will be added; from here on it may be read. */
    public void trim() {
        objects = Arrays.copyOf(objects, size);
    }

    /** How many there are. */
    public int size() {
        return objects.length;
    }

    /**
     * Reads them all.
     *
     * @return of no meaning; to be stored somewhere, or the compiler leaves the reads out
     */
    public int read() {
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
