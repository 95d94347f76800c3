package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.runtime.Timer;

/**
 * One connection's deadline on the loop's wheel. A deadline that moves back, as it does with every packet, is only noted: the
 * timer fires at the old one and goes on from there.
 */
final class ConnectionTimer {
    private final Shard shard;
    private final Connection connection;
    private final Timer timer;
    private long deadline = Long.MAX_VALUE;
    private long armed = Long.MAX_VALUE;

    ConnectionTimer(Shard shard, Connection connection) {
        this.shard = shard;
        this.connection = connection;
        this.timer = shard.loop().newTimer(this::fire);
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
        long due = deadline;
        long now = shard.loop().now();
        if (due == Long.MAX_VALUE) {
            return;
        }
        if (due > now) {
            rearm(due);
            return;
        }
        deadline = Long.MAX_VALUE;
        shard.timeout(connection, now);
    }
}
