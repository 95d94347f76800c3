package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.EventLoop;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A network of connections that remember what was done to them; what connecting and asking do can be set by address. */
final class Fake implements Connector<String, Fake.Connection> {
    /** One connection. */
    static final class Connection {
        final String key;
        final int number;
        final AtomicInteger users = new AtomicInteger();
        final AtomicInteger closes = new AtomicInteger();
        volatile boolean closedOnLoop;

        Connection(String key, int number) {
            this.key = key;
            this.number = number;
        }

        boolean isOpen() {
            return closes.get() == 0;
        }

        @Override
        public String toString() {
            return key + "#" + number;
        }
    }

    /** What happens at connecting. */
    interface Dialing {
        void dial() throws IOException, InterruptedException;
    }

    /** What a check answers. */
    interface Asking {
        boolean ask(Connection connection) throws IOException, InterruptedException;
    }

    final Map<String, Dialing> dialing = new ConcurrentHashMap<>();
    final Set<Connection> all = ConcurrentHashMap.newKeySet();
    final AtomicInteger dials = new AtomicInteger();
    final AtomicInteger asked = new AtomicInteger();
    volatile Asking asking = Connection::isOpen;
    volatile int leases = 1;
    volatile long limit = Long.MAX_VALUE;
    /** What asking for the limit throws; null: nothing. */
    volatile @Nullable RuntimeException limitFailure;

    @Override
    public Connection connect(String key) throws IOException, InterruptedException {
        int number = dials.incrementAndGet();
        dialing.getOrDefault(key, () -> {}).dial();
        Connection connection = new Connection(key, number);
        all.add(connection);
        return connection;
    }

    @Override
    public boolean isHealthy(Connection connection) throws IOException, InterruptedException {
        asked.incrementAndGet();
        return asking.ask(connection);
    }

    @Override
    public void close(Connection connection) {
        connection.closedOnLoop = EventLoop.current() != null;
        connection.closes.incrementAndGet();
    }

    @Override
    public int maxLeases() {
        return leases;
    }

    @Override
    public long leaseLimit(Connection connection) {
        RuntimeException failure = limitFailure;
        if (failure != null) {
            throw failure;
        }
        return limit;
    }

    long open() {
        return all.stream().filter(Connection::isOpen).count();
    }

    long open(String key) {
        return all.stream().filter(c -> c.isOpen() && c.key.equals(key)).count();
    }
}
