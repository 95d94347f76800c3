package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.path.NetPath;
import java.util.ArrayDeque;

/**
 * Datagrams that belong to no connection and wait to be sent: Version Negotiation, Retry, refusals, stateless resets. All but
 * Retry so many a second and no more, since whoever spoofs an address chooses who gets them.
 */
final class StatelessAnswers {
    private static final long SECOND = 1_000_000_000L;
    /** Those that wait; more than a turn makes at any sane rate. */
    private static final int MAX_WAITING = 256;

    /** One of them. */
    @SuppressWarnings("ArrayRecordComponent") // queued, never compared
    private record Answer(byte[] bytes, NetPath path) {}

    private final ArrayDeque<Answer> queue = new ArrayDeque<>();
    private final int perSecond;
    private double credit;
    private long filled = Long.MIN_VALUE;

    StatelessAnswers(int perSecond) {
        this.perSecond = perSecond;
        this.credit = perSecond;
    }

    /**
     * Whether a Retry may be made now. It is far smaller than what it answers, and honest clients need it most when there is a
     * flood: so it is not counted against the rate, and only as many wait as others.
     */
    boolean hasRoom() {
        return queue.size() < MAX_WAITING;
    }

    /** Whether one more may be made now; if so it counts. */
    boolean take(long now) {
        if (filled == Long.MIN_VALUE) {
            filled = now;
        }
        if (now > filled) {
            credit = Math.min(perSecond, credit + (double) (now - filled) * perSecond / SECOND);
            filled = now;
        }
        if (credit < 1 || queue.size() >= MAX_WAITING) {
            return false;
        }
        credit--;
        return true;
    }

    /** Queues one. */
    void add(byte[] bytes, NetPath path) {
        queue.add(new Answer(bytes, path));
    }

    /** Fills in the next; false if there is none. */
    boolean transmit(Transmit out) {
        Answer next = queue.poll();
        if (next == null) {
            return false;
        }
        System.arraycopy(next.bytes, 0, out.buf, 0, next.bytes.length);
        out.set(next.bytes.length, next.bytes.length, next.path, 0, null);
        return true;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }
}
