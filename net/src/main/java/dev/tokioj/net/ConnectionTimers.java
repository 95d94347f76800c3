package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Timer;
import java.util.ArrayList;
import java.util.List;

/**
 * The connections' deadlines on the loop's wheel. A deadline that moves back, as it does with every packet, is only noted: the
 * timer fires at the old one and goes on from there. Those that have come are gathered, so that the connections act together.
 * Each connection carries its own. Loop's thread only.
 */
final class ConnectionTimers {
    private final EventLoop loop;
    private final Runnable onDue;
    private final List<Connection> due = new ArrayList<>();

    /** {@code onDue} hears that {@link #takeDue} has something. */
    ConnectionTimers(EventLoop loop, Runnable onDue) {
        this.loop = loop;
        this.onDue = onDue;
    }

    /** {@link Long#MAX_VALUE}: never. */
    void rearm(Connection connection, long deadline) {
        Entry entry = (Entry) connection.attachment();
        if (entry == null) {
            if (deadline == Long.MAX_VALUE) {
                return;
            }
            entry = new Entry(connection);
            connection.attachment(entry);
        }
        entry.rearm(deadline);
    }

    void remove(Connection connection) {
        Entry entry = (Entry) connection.attachment();
        if (entry != null) {
            entry.disarm();
            connection.attachment(null);
        }
    }

    /** The connections whose deadline has come; the caller empties the list. */
    List<Connection> takeDue() {
        return due;
    }

    /** Nothing is due any more; {@code left} are all the connections that may have a deadline. */
    void close(List<Connection> left) {
        left.forEach(this::remove);
        due.clear();
    }

    private final class Entry {
        private final Connection connection;
        private final Timer timer;
        private long deadline = Long.MAX_VALUE;
        private long armed = Long.MAX_VALUE;

        Entry(Connection connection) {
            this.connection = connection;
            this.timer = loop.newTimer(this::fire);
        }

        void rearm(long newDeadline) {
            deadline = newDeadline;
            if (newDeadline < armed) {
                armed = newDeadline;
                timer.arm(newDeadline);
            }
        }

        void disarm() {
            deadline = Long.MAX_VALUE;
            armed = Long.MAX_VALUE;
            timer.disarm();
        }

        private void fire() {
            armed = Long.MAX_VALUE;
            long at = deadline;
            if (at == Long.MAX_VALUE) {
                return;
            }
            if (at > loop.now()) {
                rearm(at);
                return;
            }
            deadline = Long.MAX_VALUE;
            due.add(connection);
            onDue.run();
        }
    }
}
