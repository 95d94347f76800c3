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
    enum Life {
        OPEN,
        CLOSED
    }

    private final PoolConfig config;
    private final int maxLeases;
    private final Clock clock;
    private final PoolEffects<K, C> effects;
    private final Ages ages;
    private final Figures figures;
    private final Map<K, Slot<K, C>> slots = new HashMap<>();
    private final IdentityHashMap<C, Pooled<K, C>> byConnection = new IdentityHashMap<>();
    /** The one that lay longest first. */
    private final LinkedHashSet<Pooled<K, C>> idle = new LinkedHashSet<>();

    private final Attempts<K, C> connects = new Attempts<>();
    private final Attempts<K, C> checks = new Attempts<>();
    private final RoomLine<K, C> line = new RoomLine<>();
    private int total;
    /** Connections that are retired and carry leases still: their places will be free. */
    private int retiring;

    private int waiting;
    private long arrivals;
    private long alarm = Long.MAX_VALUE;
    private long nextCleanup = Long.MAX_VALUE;
    private Life life = Life.OPEN;

    PoolState(PoolConfig config, int maxLeases, Clock clock, Figures figures, PoolEffects<K, C> effects) {
        this.config = config;
        this.maxLeases = maxLeases;
        this.clock = clock;
        this.figures = figures;
        this.effects = effects;
        this.ages = new Ages(config, clock);
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
            if (ages.needsCheck(pooled)) {
                if (slot.attempts + slot.checks >= slot.wanted(maxLeases)) {
                    break;
                }
                check(pooled);
            } else {
                grant(slot, pooled);
            }
        }
        boolean more = true;
        while (more && slot.attempts + slot.checks < slot.wanted(maxLeases)) {
            more = connect(slot);
        }
        settleIfServed(slot);
    }

    private void settleIfServed(Slot<K, C> slot) {
        if (slot.waiters.isEmpty()) {
            line.leave(slot);
            dropIfUnused(slot);
        }
    }

    private @Nullable Pooled<K, C> lastUsable(Slot<K, C> slot) {
        while (!slot.roomy.isEmpty()) {
            Pooled<K, C> pooled = slot.roomy.getLast();
            if (!ages.isExpired(pooled)) {
                return pooled;
            }
            expire(pooled);
        }
        return null;
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
            line.enter(slot);
            return false;
        }
        line.leave(slot);
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
        return !idle.isEmpty() && (forOneThatHasNone || ages.hasRested(idle.getFirst()));
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
            line.enterAgain(slot);
        }
        dropIfUnused(slot);
    }

    /** Last in an operation: lets those who wait for room in the whole pool have what has become free. */
    private void fillRoom() {
        while (!line.isEmpty() && (total < config.maxTotal() || canEvict(line.starving() > 0))) {
            serve(line.leaveFirst());
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
            } else if (ages.isTooOld(pooled)) {
                retire(pooled, Figure.EXPIRED);
            } else if (total >= config.maxTotal() && line.starving() > retiring) {
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
        lendNoMore(pooled);
        serve(pooled.slot);
    }

    private void lendNoMore(Pooled<K, C> pooled) {
        pooled.state = Pooled.State.RETIRED;
        pooled.slot.roomy.remove(pooled);
        retiring++;
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
            Attempt<K, C> check = checks.of(pooled);
            if (check != null) {
                checks.remove(check);
                pooled.slot.checks--;
                check.cancel();
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

    private void expire(Pooled<K, C> pooled) {
        figures.add(Figure.EXPIRED, 1);
        if (pooled.active == 0) {
            remove(pooled);
        } else {
            lendNoMore(pooled);
        }
    }

    // ---- time

    /** The alarm has rung. */
    void tick() {
        alarm = Long.MAX_VALUE;
        long now = clock.nanoTime();
        for (Attempt<K, C> late = connects.late(now); late != null; late = connects.late(now)) {
            late.cancel();
            connectFailed(late, Waiter.Reason.CONNECT_TIMED_OUT, null);
        }
        for (Attempt<K, C> late = checks.late(now); late != null; late = checks.late(now)) {
            late.cancel();
            checked(late, false);
        }
        if (nextCleanup != Long.MAX_VALUE && now - nextCleanup >= 0) {
            for (Pooled<K, C> pooled : List.copyOf(idle)) {
                if (pooled.isIdle() && (ages.isExpired(pooled) || pooled.isInTheWay())) {
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
        long next = Math.min(nextCleanup, Math.min(connects.firstDeadline(), checks.firstDeadline()));
        if (line.blocked() > 0 && !idle.isEmpty()) {
            next = Math.min(next, ages.restedAt(idle.getFirst()));
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
        line.clear();
        for (Slot<K, C> slot : new ArrayList<>(slots.values())) {
            while (!slot.waiters.isEmpty()) {
                waiting(-1);
                slot.waiters.removeFirst().refuse(Waiter.Reason.CLOSED, null);
            }
        }
        for (Attempt<K, C> attempt : connects.all()) {
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
                lendNoMore(pooled);
            }
        }
    }

    boolean isOver() {
        return life == Life.CLOSED && total == 0;
    }
}
