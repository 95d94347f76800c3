package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.LoopLogger;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.SpawnOptions;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** What a pool has to wait for, in tasks and threads of its own: connecting, checking, closing. They tell the pool their end. */
final class PoolTasks<K, C> implements PoolEffects<K, C> {
    static final System.Logger LOG = LoopLogger.of(System.getLogger(ConnectionPool.class.getName()));

    private final ConnectionPool<K, C> pool;
    private final AsyncRuntime runtime;
    private final Connector<K, C> connector;
    private final PoolAlarm alarm;
    private final SpawnOptions connecting;
    private final SpawnOptions checking;
    private final String closing;
    /** Connections being closed. */
    private final AtomicInteger closes = new AtomicInteger();

    PoolTasks(ConnectionPool<K, C> pool, AsyncRuntime runtime, Connector<K, C> connector, PoolAlarm alarm) {
        this.pool = pool;
        this.runtime = runtime;
        this.connector = connector;
        this.alarm = alarm;
        // Beside the loops: a connector may hold its thread, with a resolver for instance.
        SpawnOptions shared = SpawnOptions.DEFAULT.placement(Placement.SHARED);
        String name = pool.config().name();
        this.connecting = shared.named(name + "-connect");
        this.checking = shared.named(name + "-check");
        this.closing = name + "-close";
    }

    @Override
    public void connect(Attempt<K, C> attempt) {
        try {
            attempt.task = runtime.spawn(connecting, () -> {
                C connection;
                long limit;
                try {
                    connection = connector.connect(attempt.slot.key);
                } catch (Throwable e) {
                    pool.connectFailed(attempt, e);
                    return;
                }
                try {
                    limit = connector.leaseLimit(connection);
                } catch (Throwable e) {
                    close(attempt.slot.key, connection);
                    pool.connectFailed(attempt, e);
                    return;
                }
                pool.connected(attempt, connection, limit);
                connector.pooled(connection);
            });
        } catch (RejectedExecutionException e) {
            pool.connectFailed(attempt, e);
        }
    }

    @Override
    public void check(Attempt<K, C> attempt, C connection) {
        try {
            attempt.task = runtime.spawn(checking, () -> {
                boolean healthy = false;
                try {
                    healthy = connector.isHealthy(connection);
                } catch (Exception e) {
                    LOG.log(System.Logger.Level.DEBUG, "a connection to " + attempt.slot.key + " failed its check", e);
                } finally {
                    pool.checked(attempt, healthy);
                }
            });
        } catch (RejectedExecutionException e) {
            // Nobody can ask it: then nobody may have it either.
            pool.checked(attempt, false);
        }
    }

    @Override
    public void close(K key, C connection) {
        closes.incrementAndGet();
        Runnable body = () -> {
            try {
                connector.close(connection);
            } catch (Exception e) {
                LOG.log(System.Logger.Level.WARNING, "closing a connection to " + key + " failed", e);
            } finally {
                closes.decrementAndGet();
                pool.closed();
            }
        };
        // No task: a runtime that is full or closing refuses or cancels those, and this must be done all the same.
        AsyncRuntime.startBeside(closing, body);
    }

    int closing() {
        return closes.get();
    }

    @Override
    public void alarm(long deadline) {
        alarm.ringAt(deadline);
    }

    @Override
    public Hold<K, C> hold(Pooled<K, C> pooled) {
        return new Hold<>(pool, pooled);
    }
}
