package dev.tokioj.quic.endpoint;

import java.util.ArrayDeque;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Which connection sends next: handshakes and probes before the others, each kind in turn; and those whose socket has no room not
 * before it has. A registration stands in a queue once, or as a leftover that its {@code queued} disowns.
 */
final class SendOrder {
    private final ArrayDeque<Registration> urgent = new ArrayDeque<>();
    private final ArrayDeque<Registration> bulk = new ArrayDeque<>();
    /** Those that wait for a full socket. */
    private final ArrayDeque<Registration> stalled = new ArrayDeque<>();
    /** The numbers of full sockets. */
    private final BitSet full = new BitSet();

    /** It may have something to send. */
    void add(Registration r) {
        switch (r.queued) {
            case URGENT -> {}
            case STALLED -> {
                if (!isStalled(r)) { // it has moved to another socket
                    enqueue(r);
                }
            }
            case BULK, NOWHERE -> enqueue(r);
        }
    }

    private void enqueue(Registration r) {
        if (r.connection().isUrgent()) {
            r.queued = Registration.Queued.URGENT;
            urgent.add(r);
        } else if (r.queued != Registration.Queued.BULK) {
            r.queued = Registration.Queued.BULK;
            bulk.add(r);
        }
    }

    /** Takes the next; null: nobody can send now. */
    @Nullable Registration next() {
        Registration r = take();
        while (r != null && isStalled(r)) {
            r.queued = Registration.Queued.STALLED;
            stalled.add(r);
            r = take();
        }
        return r;
    }

    private @Nullable Registration take() {
        Registration r = take(urgent, Registration.Queued.URGENT);
        return r != null ? r : take(bulk, Registration.Queued.BULK);
    }

    private static @Nullable Registration take(ArrayDeque<Registration> queue, Registration.Queued kind) {
        for (Registration r = queue.poll(); r != null; r = queue.poll()) {
            if (r.queued == kind) {
                r.queued = Registration.Queued.NOWHERE;
                return r;
            }
        }
        return null;
    }

    /** It has nothing to send, whatever was said before. */
    void remove(Registration r) {
        r.queued = Registration.Queued.NOWHERE;
    }

    private boolean isStalled(Registration r) {
        return !full.isEmpty() && full.get(r.connection().path().socket());
    }

    /** This socket has no room. */
    void block(int socket) {
        full.set(socket);
    }

    /** It has room again; answers whether anybody has waited. */
    boolean unblock(int socket) {
        full.clear(socket);
        boolean any = false;
        for (int n = stalled.size(); n > 0; n--) {
            Registration r = stalled.remove();
            if (r.queued == Registration.Queued.STALLED) {
                any = true;
                r.queued = Registration.Queued.NOWHERE;
                enqueue(r);
            }
        }
        return any;
    }
}
