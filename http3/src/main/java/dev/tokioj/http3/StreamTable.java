package dev.tokioj.http3;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The open request streams by ID, without boxing: open addressing on the number of the stream. Its keys are consecutive and
 * as few as the stream limit lets be open, so no choice of the peer's makes it slow. One thread owns it.
 */
final class StreamTable {
    private static final int INITIAL = 16;

    private @Nullable RequestStream[] slots = new RequestStream[INITIAL];
    private int size;

    /** How many there are. */
    int size() {
        return size;
    }

    /** The stream with this ID, or null. */
    @Nullable RequestStream get(long id) {
        return slots[slot(id)];
    }

    /** Adds a stream, whose ID must not be there. */
    void add(RequestStream stream) {
        if (2 * (size + 1) > slots.length) {
            @Nullable RequestStream[] old = slots;
            slots = new RequestStream[2 * old.length];
            for (RequestStream each : old) {
                if (each != null) {
                    slots[slot(each.id())] = each;
                }
            }
        }
        slots[slot(stream.id())] = stream;
        size++;
    }

    /** Takes a stream out, if it is there. */
    void remove(RequestStream stream) {
        int hole = slot(stream.id());
        if (slots[hole] != stream) {
            return;
        }
        slots[hole] = null;
        size--;
        int mask = slots.length - 1;
        // Those behind the hole that would no longer be found move into it.
        for (int i = hole + 1 & mask; ; i = i + 1 & mask) {
            RequestStream each = slots[i];
            if (each == null) {
                return;
            }
            slots[i] = null;
            slots[slot(each.id())] = each;
        }
    }

    /** All of them as they are now, so that the table may change meanwhile. */
    RequestStream[] all() {
        var streams = new RequestStream[size];
        int n = 0;
        for (RequestStream each : slots) {
            if (each != null) {
                streams[n++] = each;
            }
        }
        Arrays.sort(streams, (a, b) -> Long.compare(a.id(), b.id()));
        return streams;
    }

    /** Where the stream with this ID is, or would be. */
    private int slot(long id) {
        int mask = slots.length - 1;
        int i = (int) (id >>> 2) & mask;
        while (true) {
            RequestStream each = slots[i];
            if (each == null || each.id() == id) {
                return i;
            }
            i = i + 1 & mask;
        }
    }
}
