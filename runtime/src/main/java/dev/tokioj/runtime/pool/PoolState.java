package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.Clock;
import dev.tokioj.runtime.pool.Figures.Figure;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has which connection, who waits, and what comes next: all decisions of a {@link ConnectionPool}, none of its waiting. One
 * operation at a time ({@link Serial}).
 *
 * <p>Fairness: for one address first come, first served. Where {@link PoolConfig#maxTotal} is reached, room for an address that has
 * no connection comes from the idle one that lay longest, whosever it is; if none is idle, it gets the place of the next one that is
 * returned. So every address that waits comes to one connection at least.
 */
final class PoolState<K, C> {
    /** What decisions lead to. None may wait or throw. */
    interface Effects<K, C> {
        void connect(Attempt<K, C> attempt);

        void check(Attempt<K, C> attempt, C connection);

        void close(K key, C connection);

        void alarm(long deadline);

        Hold<K, C> hold(Pooled<K, C> pooled);
    }

    enum Life {
        OPEN,
        CLOSED
    }

    /**
     * An address that has connections and wants more gets the place of another's only if that lay unused for 0.1 s: under load two
     * addresses would take each other's connections all the time, and making one costs more than waiting for one.
     */
    private static final long REST_BEFORE_EVICTION = 100_000_000;

    private final PoolConfig config;
    private final int maxLeases;
    private final Clock clock;
    private final Effects<K, C> effects;
    private final Figures figures;
    private final Map<K, Slot<K, C>> slots = new HashMap<>();
    private final IdentityHashMap<C, Pooled<K, C>> byConnection = new IdentityHashMap<>();
    /** The one that lay longest first. */
    private final LinkedHashSet<Pooled<K, C>> idle = new LinkedHashSet<>();
    /** In the order of their deadlines, since all may take the same time. */
    private final LinkedHashSet<Attempt<K, C>> connects = new LinkedHashSet<>();

    private final LinkedHashSet<Attempt<K, C>> checks = new LinkedHashSet<>();
    /** Addresses that wait for room in the whole pool and have no connection; those that have some. */
    private final LinkedHashSet<Slot<K, C>> starving = new LinkedHashSet<>();

    private final LinkedHashSet<Slot<K, C>> blocked = new LinkedHashSet<>();
    private int total;
    /** Connections that are retired and carry leases still: their places will be free. */
    private int retiring;

    private int waiting;
    private long arrivals;
    private long alarm = Long.MAX_VALUE;
    private long nextCleanup = Long.MAX_VALUE;
    private Life life = Life.OPEN;

    PoolState(PoolConfig config, int maxLeases, Clock clock, Figures figures, Effects<K, C> effects) {
        this.config = config;
        this.maxLeases = maxLeases;
        this.clock = clock;
        this.figures = figures;
        this.effects = effects;
    }

    // ---- who waits

    void enqueue(Waiter<K, C> waiter) {
        if (life == Life.CLOSED) {
            waiter.refuse(Waiter.Reason.CLOSED, null);
            return;
        }
        if (waiting >= config.maxWaiting()) {
            waiter.refuse(Waiter.Reason.FULL, null);
            return;
        }
        Slot<K, C> slot = slots.computeIfAbsent(waiter.key, Slot::new);
        waiter.number = arrivals++;
        slot.waiters.add(waiter);
        waiting(1);
        serve(slot);
        rearm();
    }

    /** One that gave up. */
    void leave(Waiter<K, C> waiter) {
        figures.add(Figure.TIMED_OUT, 1);
        forget(waiter);
    }

    void forget(Waiter<K, C> waiter) {
        Slot<K, C> slot = slots.get(waiter.key);
        if (slot != null && slot.waiters.remove(waiter)) {
            waiting(-1);
            settleIfServed(slot);
        }
    }

    private void waiting(int n) {
        waiting += n;
        figures.add(Figure.WAITING, n);
    }

    private void dropIfUnused(Slot<K, C> slot) {
        if (slot.isUnused()) {
            slots.remove(slot.key, slot);
        }
    }

    /** Gives what there is, and sets in motion what is missing. */
    private void serve(Slot<K, C> slot) {
        while (!slot.waiters.isEmpty()) {
            Pooled<K, C> pooled = lastUsable(slot);
            if (pooled == null) {
                break;
            }
            if (needsCheck(pooled)) {
                if (slot.attempts + slot.checks >= wanted(slot)) {
                    break;
                }
                check(pooled);
            } else {
                grant(slot, pooled);
            }
        }
        boolean more = true;
        while (more && slot.attempts + slot.checks < wanted(slot)) {
            more = connect(slot);
        }
        settleIfServed(slot);
    }

    private void settleIfServed(Slot<K, C> slot) {
        if (slot.waiters.isEmpty()) {
            starving.remove(slot);
            blocked.remove(slot);
            dropIfUnused(slot);
        }
    }

    /** How many connections the waiters could use: of one that carries several nobody knows how many before it is made. */
    private int wanted(Slot<K, C> slot) {
        return maxLeases == 1 ? slot.waiters.size() : Math.min(1, slot.waiters.size());
    }

    private @Nullable Pooled<K, C> lastUsable(Slot<K, C> slot) {
        while (!slot.roomy.isEmpty()) {
            Pooled<K, C> pooled = slot.roomy.getLast();
            if (!isExpired(pooled)) {
                return pooled;
            }
            expire(pooled);
        }
        return null;
    }

    private boolean needsCheck(Pooled<K, C> pooled) {
        return pooled.active == 0
                && pooled.trust == Pooled.Trust.BY_REST
                && clock.nanoTime() - pooled.idleSince
                        >= config.healthCheckAfter().toNanos();
    }

    private void grant(Slot<K, C> slot, Pooled<K, C> pooled) {
        Waiter<K, C> waiter = slot.waiters.removeFirst();
        waiting(-1);
        if (!waiter.claim()) {
            return;
        }
        if (pooled.active++ == 0) {
            removeIdle(pooled);
            figures.add(Figure.ACTIVE, 1);
        }
        if (pooled.granted++ > 0) {
            figures.add(Figure.REUSED, 1);
        }
        figures.add(Figure.LEASES, 1);
        if (!pooled.hasRoom(maxLeases)) {
            slot.roomy.remove(pooled);
        }
        waiter.settle(new Waiter.Outcome.Granted<>(effects.hold(pooled)));
    }

    /** One waiter fewer for each attempt that failed; where one connection would have served all, all who waited for it. */
    private void fail(Attempt<K, C> attempt, Waiter.Reason reason, @Nullable Throwable cause) {
        Iterator<Waiter<K, C>> waiters = attempt.slot.waiters.iterator();
        boolean more = true;
        while (more && waiters.hasNext()) {
            Waiter<K, C> waiter = waiters.next();
            if (maxLeases > 1 && waiter.number >= attempt.before) {
                return;
            }
            waiters.remove();
            waiting(-1);
            more = !waiter.refuse(reason, cause) || maxLeases > 1;
        }
    }

    // ---- connections being made

    /** Whether one is being made now that was not before. */
    private boolean connect(Slot<K, C> slot) {
        if (life == Life.CLOSED || slot.connections >= config.maxPerKey()) {
            return false;
        }
        if (total >= config.maxTotal() && canEvict(slot.connections == 0)) {
            figures.add(Figure.EVICTED, 1);
            remove(idle.getFirst());
        }
        if (total >= config.maxTotal()) {
            (slot.connections == 0 ? starving : blocked).add(slot);
            return false;
        }
        starving.remove(slot);
        blocked.remove(slot);
        count(slot, 1);
        slot.attempts++;
        figures.add(Figure.CONNECTING, 1);
        Attempt<K, C> attempt = new Attempt<>(
                slot, null, clock.nanoTime() + config.connectTimeout().toNanos(), arrivals);
        connects.add(attempt);
        effects.connect(attempt);
        return true;
    }

    /** Whether an idle connection may go for an address that has none, or for one that only wants more. */
    private boolean canEvict(boolean forOneThatHasNone) {
        return !idle.isEmpty()
                && (forOneThatHasNone || clock.nanoTime() - idle.getFirst().idleSince >= REST_BEFORE_EVICTION);
    }

    private void count(Slot<K, C> slot, int n) {
        slot.connections += n;
        total += n;
        figures.add(Figure.TOTAL, n);
    }

    private boolean endConnect(Attempt<K, C> attempt) {
        if (!connects.remove(attempt)) {
            return false; // it took too long, or the pool was closed
        }
        attempt.slot.attempts--;
        figures.add(Figure.CONNECTING, -1);
        return true;
    }

    void connected(Attempt<K, C> attempt, C connection, long limit) {
        Slot<K, C> slot = attempt.slot;
        if (!endConnect(attempt)) {
            effects.close(slot.key, connection);
            return;
        }
        figures.add(Figure.CREATED, 1);
        Pooled<K, C> pooled = new Pooled<>(slot, connection, clock.nanoTime(), limit);
        byConnection.put(connection, pooled);
        makeAvailable(pooled, Pooled.Trust.FRESH);
        rearm();
    }

    void connectFailed(Attempt<K, C> attempt, Waiter.Reason reason, @Nullable Throwable cause) {
        if (endConnect(attempt)) {
            figures.add(Figure.FAILED, 1);
            count(attempt.slot, -1);
            fail(attempt, reason, cause);
            lineUp(attempt.slot);
        }
        rearm();
    }

    /** A place of this address's has become free: it is in line for another behind those who have none. */
    private void lineUp(Slot<K, C> slot) {
        if (!slot.waiters.isEmpty() && life == Life.OPEN) {
            blocked.remove(slot);
            (slot.connections == 0 ? starving : blocked).add(slot);
        }
        dropIfUnused(slot);
    }

    /** Last in an operation: lets those who wait for room in the whole pool have what has become free. */
    private void fillRoom() {
        while (true) {
            boolean someHaveNone = !starving.isEmpty();
            LinkedHashSet<Slot<K, C>> first = someHaveNone ? starving : blocked;
            if (first.isEmpty() || (total >= config.maxTotal() && !canEvict(someHaveNone))) {
                return;
            }
            serve(first.removeFirst());
        }
    }

    // ---- connections that are there

    private void makeAvailable(Pooled<K, C> pooled, Pooled.Trust trust) {
        Slot<K, C> slot = pooled.slot;
        pooled.state = Pooled.State.OPEN;
        pooled.trust = trust;
        if (pooled.hasRoom(maxLeases)) {
            slot.roomy.add(pooled);
        }
        if (pooled.active == 0 && idle.add(pooled)) {
            figures.add(Figure.IDLE, 1);
        }
        serve(slot);
        pooled.trust = Pooled.Trust.BY_REST;
        if (nextCleanup == Long.MAX_VALUE) {
            nextCleanup = clock.nanoTime() + config.cleanupInterval().toNanos();
        }
    }

    private void removeIdle(Pooled<K, C> pooled) {
        if (idle.remove(pooled)) {
            figures.add(Figure.IDLE, -1);
        }
    }

    void giveBack(Hold<K, C> hold, Hold.End how) {
        Pooled<K, C> pooled = hold.pooled;
        figures.add(Figure.LEASES, -1);
        if (how == Hold.End.LOST) {
            figures.add(Figure.LEAKED, 1);
        }
        if (--pooled.active == 0) {
            figures.add(Figure.ACTIVE, -1);
            pooled.idleSince = clock.nanoTime();
        }
        if (pooled.state == Pooled.State.OPEN) {
            if (how != Hold.End.RETURNED) {
                retire(pooled, Figure.UNHEALTHY);
            } else if (isTooOld(pooled)) {
                retire(pooled, Figure.EXPIRED);
            } else if (total >= config.maxTotal() && starving.size() > retiring) {
                retire(pooled, Figure.EVICTED);
            } else {
                makeAvailable(pooled, Pooled.Trust.BY_REST);
            }
        } else if (pooled.active == 0) {
            retiring--;
            remove(pooled);
        }
        rearm();
    }

    /** It takes no more leases and is closed with its last. */
    private void retire(Pooled<K, C> pooled, Figure why) {
        figures.add(why, 1);
        if (pooled.active == 0) {
            remove(pooled);
            return;
        }
        pooled.state = Pooled.State.RETIRED;
        pooled.slot.roomy.remove(pooled);
        retiring++;
        serve(pooled.slot);
    }

    /** It is broken or wants to end. */
    void retire(C connection) {
        Pooled<K, C> pooled = byConnection.get(connection);
        if (pooled == null || pooled.state == Pooled.State.RETIRED) {
            return;
        }
        endCheck(pooled);
        retire(pooled, Figure.UNHEALTHY);
        rearm();
    }

    void raiseLimit(C connection, long limit) {
        Pooled<K, C> pooled = byConnection.get(connection);
        if (pooled == null || limit <= pooled.limit) {
            return;
        }
        pooled.limit = limit;
        if (pooled.hasRoom(maxLeases) && pooled.slot.roomy.add(pooled)) {
            serve(pooled.slot);
        }
        rearm();
    }

    /** Forgets it and has it closed. */
    private void remove(Pooled<K, C> pooled) {
        Slot<K, C> slot = pooled.slot;
        removeIdle(pooled);
        slot.roomy.remove(pooled);
        byConnection.remove(pooled.connection);
        pooled.state = Pooled.State.CLOSED;
        count(slot, -1);
        effects.close(slot.key, pooled.connection);
        lineUp(slot);
    }

    // ---- health and age

    private void check(Pooled<K, C> pooled) {
        removeIdle(pooled);
        pooled.slot.roomy.remove(pooled);
        pooled.state = Pooled.State.CHECKING;
        pooled.slot.checks++;
        Attempt<K, C> attempt = new Attempt<>(
                pooled.slot,
                pooled,
                clock.nanoTime() + config.healthCheckTimeout().toNanos(),
                arrivals);
        checks.add(attempt);
        effects.check(attempt, pooled.connection);
    }

    /** The check of this connection, if there is one, does not matter any more. */
    private void endCheck(Pooled<K, C> pooled) {
        if (pooled.state == Pooled.State.CHECKING) {
            for (Attempt<K, C> check : List.copyOf(checks)) {
                if (check.asked == pooled) {
                    checks.remove(check);
                    pooled.slot.checks--;
                    check.cancel();
                }
            }
            pooled.state = Pooled.State.OPEN;
        }
    }

    void checked(Attempt<K, C> check, boolean healthy) {
        Pooled<K, C> pooled = check.asked;
        if (pooled == null || !checks.remove(check)) {
            return;
        }
        pooled.slot.checks--;
        pooled.state = Pooled.State.OPEN;
        if (healthy) {
            makeAvailable(pooled, Pooled.Trust.FRESH);
        } else {
            retire(pooled, Figure.UNHEALTHY);
        }
        rearm();
    }

    private boolean isTooOld(Pooled<K, C> pooled) {
        long lifetime = config.maxLifetime().toNanos();
        return lifetime > 0 && clock.nanoTime() - pooled.createdAt >= lifetime;
    }

    private boolean isExpired(Pooled<K, C> pooled) {
        long rest = config.idleTimeout().toNanos();
        return isTooOld(pooled) || (rest > 0 && pooled.active == 0 && clock.nanoTime() - pooled.idleSince >= rest);
    }

    /** Has carried all it may, while somebody waits for its address: its place is worth more than the hope for a higher limit. */
    private boolean isInTheWay(Pooled<K, C> pooled) {
        return pooled.granted >= pooled.limit && !pooled.slot.waiters.isEmpty();
    }

    private void expire(Pooled<K, C> pooled) {
        figures.add(Figure.EXPIRED, 1);
        if (pooled.active == 0) {
            remove(pooled);
        } else {
            pooled.state = Pooled.State.RETIRED;
            pooled.slot.roomy.remove(pooled);
            retiring++;
        }
    }

    // ---- time

    /** The alarm has rung. */
    void tick() {
        alarm = Long.MAX_VALUE;
        long now = clock.nanoTime();
        while (!connects.isEmpty() && now - connects.getFirst().deadline >= 0) {
            Attempt<K, C> late = connects.getFirst();
            late.cancel();
            connectFailed(late, Waiter.Reason.CONNECT_TIMED_OUT, null);
        }
        while (!checks.isEmpty() && now - checks.getFirst().deadline >= 0) {
            Attempt<K, C> late = checks.getFirst();
            late.cancel();
            checked(late, false);
        }
        if (nextCleanup != Long.MAX_VALUE && now - nextCleanup >= 0) {
            for (Pooled<K, C> pooled : List.copyOf(idle)) {
                if (pooled.isIdle() && (isExpired(pooled) || isInTheWay(pooled))) {
                    expire(pooled);
                }
            }
            nextCleanup =
                    total == 0 ? Long.MAX_VALUE : now + config.cleanupInterval().toNanos();
        }
        rearm();
    }

    /** At the end of each operation: what has become free is used, and the alarm rings in time. */
    private void rearm() {
        fillRoom();
        if (life == Life.CLOSED) {
            return;
        }
        long next = nextCleanup;
        if (!connects.isEmpty()) {
            next = Math.min(next, connects.getFirst().deadline);
        }
        if (!checks.isEmpty()) {
            next = Math.min(next, checks.getFirst().deadline);
        }
        if (!blocked.isEmpty() && !idle.isEmpty()) {
            next = Math.min(next, idle.getFirst().idleSince + REST_BEFORE_EVICTION);
        }
        if (next < alarm) {
            alarm = next;
            effects.alarm(next);
        }
    }

    // ---- the end

    /** Takes nobody any more, and gives up what nobody has. */
    void shut() {
        if (life == Life.CLOSED) {
            return;
        }
        life = Life.CLOSED;
        starving.clear();
        blocked.clear();
        for (Slot<K, C> slot : new ArrayList<>(slots.values())) {
            while (!slot.waiters.isEmpty()) {
                waiting(-1);
                slot.waiters.removeFirst().refuse(Waiter.Reason.CLOSED, null);
            }
        }
        for (Attempt<K, C> attempt : List.copyOf(connects)) {
            attempt.cancel();
            endConnect(attempt);
            count(attempt.slot, -1);
            lineUp(attempt.slot);
        }
        for (Pooled<K, C> pooled : List.copyOf(byConnection.values())) {
            endCheck(pooled);
            if (pooled.active == 0) {
                remove(pooled);
            } else if (pooled.state == Pooled.State.OPEN) {
                pooled.state = Pooled.State.RETIRED;
                pooled.slot.roomy.remove(pooled);
                retiring++;
            }
        }
    }

    boolean isOver() {
        return life == Life.CLOSED && total == 0;
    }
}
