package dev.tokioj.quic.stream;

import org.jspecify.annotations.Nullable;

/** A queue of streams, each at most once in it. O(1), no garbage: the links are the streams'. */
final class StreamQueue {
    /** A stream's place in one queue. */
    static final class Link {
        private final Stream stream;
        private @Nullable Link next;
        private boolean queued;

        Link(Stream stream) {
            this.stream = stream;
        }
    }

    private @Nullable Link first;
    private @Nullable Link last;

    boolean isEmpty() {
        return first == null;
    }

    /** To the end, if it is not in the queue. */
    void add(Link link) {
        if (link.queued) {
            return;
        }
        link.queued = true;
        if (last == null) {
            first = link;
        } else {
            last.next = link;
        }
        last = link;
    }

    /** The first stream, which stays in; null if there is none. */
    @Nullable Stream peek() {
        return first == null ? null : first.stream;
    }

    /** The first stream, which leaves; null if there is none. */
    @Nullable Stream poll() {
        Link link = first;
        if (link == null) {
            return null;
        }
        first = link.next;
        if (first == null) {
            last = null;
        }
        link.next = null;
        link.queued = false;
        return link.stream;
    }
}
