package dev.tokioj.quic.stream;

import dev.tokioj.quic.memory.ReadAhead;
import org.jspecify.annotations.Nullable;

/**
 * Which stream sends next (RFC 9000 section 2.3, RFC 9218 section 10): the one of the least urgency; at equal urgency the one that
 * has waited longest, and it goes on until it has nothing to send, unless it is incremental: then they take turns. Everything
 * is O(1). It does not ask whether a stream can send: who knows adds and removes it.
 */
final class StreamScheduler {
    /** Urgencies are 0 to 7. */
    static final int LEVELS = 8;
    /** The urgency of a stream whose owner said nothing (RFC 9218 section 4.1). */
    static final int DEFAULT_URGENCY = 3;

    private static final int IDLE = -1;

    /** A stream's place. */
    static final class Node {
        private final Stream stream;
        private int urgency = DEFAULT_URGENCY;
        // Streams of an application that says nothing share.
        private boolean incremental = true;
        private int level = IDLE;
        private @Nullable Node previous;
        private @Nullable Node next;

        Node(Stream stream) {
            this.stream = stream;
        }
    }

    private final @Nullable Node[] first = new Node[LEVELS];
    private final @Nullable Node[] last = new Node[LEVELS];
    // A bit a level that has streams.
    private int levels;

    boolean isEmpty() {
        return levels == 0;
    }

    /** The stream to send now, or null. */
    @Nullable Stream peek() {
        if (levels == 0) {
            return null;
        }
        Node node = first[Integer.numberOfTrailingZeros(levels)];
        return node == null ? null : node.stream;
    }

    /** The stream has sent: if it is incremental, it is the others' turn. */
    void onSent(Node node) {
        if (node.level != IDLE && node.incremental && node.next != null) {
            remove(node);
            add(node);
        }
    }

    /** The stream has something to send, or not. */
    void set(Node node, boolean sendable) {
        if (sendable && node.level == IDLE) {
            add(node);
        } else if (!sendable && node.level != IDLE) {
            remove(node);
        }
    }

    /** How important the stream is from now on. */
    void prioritize(Node node, int urgency, boolean incremental) {
        boolean queued = node.level != IDLE;
        if (queued && node.urgency == urgency) {
            node.incremental = incremental;
            return;
        }
        if (queued) {
            remove(node);
        }
        node.urgency = urgency;
        node.incremental = incremental;
        if (queued) {
            add(node);
        }
    }

    private void add(Node node) {
        int level = node.urgency;
        Node tail = last[level];
        node.level = level;
        node.previous = tail;
        node.next = null;
        if (tail == null) {
            first[level] = node;
            levels |= 1 << level;
        } else {
            tail.next = node;
        }
        last[level] = node;
    }

    private void remove(Node node) {
        int level = node.level;
        Node before = node.previous;
        Node after = node.next;
        if (before == null) {
            first[level] = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last[level] = before;
        } else {
            after.previous = before;
        }
        if (first[level] == null) {
            levels &= ~(1 << level);
        }
        node.level = IDLE;
        node.previous = null;
        node.next = null;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(first);
        to.add(last);
    }
}
