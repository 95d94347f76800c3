package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.connection.Connection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of an endpoint, counted by where in their life they are, here and for all endpoints of a server. What counts against {@code maxHalfOpen} lasts as
 * long as what an address that proved nothing made us keep: also a connection that closed itself with its first packet.
 */
final class Population {

    /** Where in its life a connection is, as far as the endpoint's limits go. */
    enum Life {
        /** It is being made. */
        NEW,
        /** A server's, whose handshake is not complete. */
        HALF_OPEN,
        /** A client's, or a server's whose handshake is complete. */
        OPEN,
        /** Closed before its peer proved its address: it is remembered, and counts as half-open until it is forgotten. */
        UNPROVED,
        /** Closed, and the peer may not have been told. */
        CLOSED,
        /** Closed, and remembered to answer stragglers (RFC 9000 10.2). */
        TOMBSTONE,
        /** Forgotten. */
        GONE;

        boolean mayBecome(Life next) {
            return switch (this) {
                case NEW -> next == HALF_OPEN || next == OPEN;
                case HALF_OPEN -> next == OPEN || next == UNPROVED || next == CLOSED;
                case OPEN -> next == CLOSED || next == GONE;
                case CLOSED -> next == TOMBSTONE || next == GONE;
                case UNPROVED, TOMBSTONE -> next == GONE;
                case GONE -> false;
            };
        }
    }

    private final int maxTombstones;
    private final Shared shared;
    private final Set<Registration> all = new HashSet<>();
    private final LinkedHashSet<Registration> tombstones = new LinkedHashSet<>();
    private int halfOpen;
    private int open;
    private int unproved;
    private int closed;

    Population(int maxTombstones, Shared shared) {
        this.maxTombstones = maxTombstones;
        this.shared = shared;
    }

    /** The one place where a connection's life changes. */
    void move(Registration r, Life next) {
        Life before = r.life;
        if (!before.mayBecome(next)) {
            throw new IllegalStateException(before + " to " + next);
        }
        r.life = next;
        if (before == Life.NEW) {
            all.add(r);
        }
        count(r, before, -1);
        count(r, next, 1);
    }

    private void count(Registration r, Life life, int change) {
        switch (life) {
            case NEW -> {}
            case HALF_OPEN -> {
                halfOpen += change;
                shared.addHalfOpen(change);
                shared.addConnections(change);
            }
            case OPEN -> {
                open += change;
                shared.addConnections(change);
            }
            case UNPROVED -> {
                unproved += change;
                shared.addHalfOpen(change);
                shared.addConnections(change);
            }
            case CLOSED -> closed += change;
            case TOMBSTONE -> {
                if (change > 0) {
                    tombstones.add(r);
                } else {
                    tombstones.remove(r);
                }
            }
            case GONE -> all.remove(r);
        }
    }

    /** The eldest tombstone if there are too many, or null. */
    @Nullable Registration surplus() {
        return tombstones.size() > maxTombstones ? tombstones.getFirst() : null;
    }

    /** Every connection that is not forgotten; a copy. */
    List<Connection> connections() {
        return all.stream().map(Registration::connection).toList();
    }

    /** Connections that are not closed. */
    int live() {
        return halfOpen + open;
    }

    /** Server's connections whose handshake is not complete. */
    int halfOpen() {
        return halfOpen;
    }

    /** Closed connections that are remembered, of whatever kind. */
    int remembered() {
        return unproved + closed + tombstones.size();
    }
}
