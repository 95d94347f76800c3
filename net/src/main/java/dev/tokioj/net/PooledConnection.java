package dev.tokioj.net;

import dev.tokioj.runtime.pool.Connector;
import dev.tokioj.runtime.pool.Lease;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A connection of a {@link QuicConnectionPool}, and what the pool must know of it: how many streams it may ever carry. The pool counts
 * leases, so those that came to no stream are added to the peer's limit.
 */
final class PooledConnection implements RawConnection.Limits {
    private final QuicConnectionPool pool;
    private final QuicConnection connection;
    private final AtomicLong limit;
    /** Leases that were given and came to no stream. */
    private final AtomicLong unused = new AtomicLong();

    private PooledConnection(QuicConnectionPool pool, QuicConnection connection) {
        this.pool = pool;
        this.connection = connection;
        this.limit = new AtomicLong(connection.core().bidiLimit());
    }

    /** Opens the stream that the lease is for; it goes back with the stream's end. */
    QuicStream openStream(Lease<QuicConnectionPool.Address, PooledConnection> lease) throws IOException {
        return connection.openStream(new StreamUse() {
            @Override
            public void notOpened() {
                unused.incrementAndGet();
                tellLimit();
                lease.close();
            }

            @Override
            public void ended() {
                lease.close();
            }
        });
    }

    @Override
    public void raised(long to) {
        limit.accumulateAndGet(to, Math::max);
        tellLimit();
    }

    private void tellLimit() {
        pool.raiseLimit(this, limit.get() + unused.get());
    }

    @Override
    public void ended() {
        pool.retire(this);
    }

    @Override
    public String toString() {
        return connection.toString();
    }

    /** Makes them. */
    record Dialer(QuicConnectionPool pool, int maxLeases)
            implements Connector<QuicConnectionPool.Address, PooledConnection> {
        @Override
        public PooledConnection connect(QuicConnectionPool.Address address) throws IOException {
            return new PooledConnection(pool, pool.client(address).connect(address.host(), address.port()));
        }

        @Override
        public boolean isHealthy(PooledConnection pooled) {
            return pooled.connection.isActive();
        }

        @Override
        public void close(PooledConnection pooled) {
            pooled.connection.close();
        }

        @Override
        public long leaseLimit(PooledConnection pooled) {
            return pooled.limit.get();
        }

        @Override
        public void pooled(PooledConnection pooled) {
            RawConnection core = pooled.connection.core();
            core.shard().execute(() -> core.watchLimits(pooled));
        }
    }
}
