package dev.tokioj.quic.path;

import dev.tokioj.quic.memory.ReadAhead;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The paths of one connection (RFC 9000 9): the one in use, the one before it while the new one is not proved, and one that
 * is tried. One validation of a new path at a time, and a bounded number of new paths in a while: a storm of source
 * addresses costs its sender more than us.
 */
public final class Paths {

    /** What the end of a validation means. */
    public enum Outcome {
        /** Nothing changed. */
        NONE,
        /** The path in use is proved. */
        ACTIVE_VALIDATED,
        /** The path that we tried is proved and in use now. */
        MIGRATED,
        /** The path in use failed; the one before is used again. */
        REVERTED,
        /** The path that was tried failed; the one in use stays. */
        CANDIDATE_FAILED,
        /** The path in use failed and there is no other. */
        NO_PATH
    }

    private final SecureRandom random;
    private final RemoteCids cids;
    private final int maxNew;
    private final long initialPto;
    private Path active;
    private @Nullable Path previous;
    private @Nullable Path candidate;
    private boolean candidateIsOurs;
    private NetPath validated;
    private int newInWindow;
    private long windowEnds = Long.MIN_VALUE;

    /**
     * With the path of the handshake.
     *
     * @param maxNew new paths that a peer may show in three probe timeouts
     * @param initialPto the probe timeout of a path of which nothing is known, ns
     */
    public Paths(NetPath first, RemoteCids cids, int maxNew, long initialPto, SecureRandom random) {
        this.random = random;
        this.initialPto = initialPto;
        this.cids = cids;
        this.maxNew = maxNew;
        this.active = new Path(first, cids.first(), random);
        this.validated = first;
    }

    /** The path in use. */
    public Path active() {
        return active;
    }

    /** The path that was last proved: the address to tell the application (RFC 9000 9.3 and 21.5). */
    public NetPath validated() {
        return validated;
    }

    /** The path that was last proved, to say goodbye on; before any was, the one in use. */
    public Path lastProved() {
        Path path = find(validated);
        return path == null ? active : path;
    }

    /** The path before the one in use, until that is proved. */
    public @Nullable Path previous() {
        return previous;
    }

    /** The path that is tried. */
    public @Nullable Path candidate() {
        return candidate;
    }

    /** The path with these addresses, or null. */
    public @Nullable Path find(NetPath net) {
        if (active.net().equals(net)) {
            return active;
        }
        if (candidate != null && candidate.net().equals(net)) {
            return candidate;
        }
        return previous != null && previous.net().equals(net) ? previous : null;
    }

    /** As {@link #find} at a client, which may not know its own address: by socket and peer. */
    public @Nullable Path findByPeer(NetPath net) {
        Path exact = find(net);
        if (exact != null) {
            return exact;
        }
        for (Path p : new @Nullable Path[] {active, candidate, previous}) {
            if (p != null
                    && p.net().socket() == net.socket()
                    && p.net().remote().equals(net.remote())) {
                return p;
            }
        }
        return null;
    }

    private long patience(long pto) {
        return 3 * Math.max(pto, initialPto);
    }

    /** Whether a new path of the peer's may be looked at now. */
    public boolean mayAdmit(long now) {
        return now >= windowEnds || newInWindow < maxNew;
    }

    /**
     * The peer was heard on a new path, by a packet that is authentic.
     *
     * @param pto ns
     * @param newId whether the packet came to a connection ID the peer had not used: then it moved on purpose, and we
     *     answer with an ID that was not used either, so that the paths cannot be linked (RFC 9000 9.5)
     */
    public Path admit(NetPath net, boolean newId, long now, long pto) {
        if (now >= windowEnds) {
            windowEnds = now + 3 * pto;
            newInWindow = 0;
        }
        newInWindow++;
        if (candidate != null) {
            drop(candidate);
        }
        RemoteCids.Entry fresh = newId ? cids.take() : null;
        candidate = new Path(net, fresh == null ? active.cid() : fresh, random);
        candidateIsOurs = false;
        return candidate;
    }

    /** We try a path of our own choice (a client); null if there is no connection ID for it. */
    public @Nullable Path tryPath(NetPath net, long now, long pto) {
        RemoteCids.Entry fresh = cids.take();
        if (fresh == null) {
            return null;
        }
        if (candidate != null) {
            drop(candidate);
        }
        var path = new Path(net, fresh, random);
        path.limit().lift(); // of our own address: the peer's is proved
        path.validator().start(now, pto, patience(pto));
        candidate = path;
        candidateIsOurs = true;
        return path;
    }

    /**
     * The peer now uses {@code path}, by a packet newer than any other (RFC 9000 9.3). Both it and the path before are asked
     * whether the peer is there: an attacker may have forwarded the packet (9.3.3).
     */
    public void follow(Path path, long now, long pto) {
        Path before = active;
        Path earlier = previous;
        if (path == candidate) {
            candidate = null;
        }
        active = path;
        if (path.isValidated()) {
            previous = null;
        } else if (before.isValidated()) {
            previous = before;
            before.validator().start(now, pto, patience(pto));
        } else if (earlier == path) {
            previous = null;
        }
        for (Path gone : new @Nullable Path[] {before, earlier}) {
            if (gone != null && gone != path && gone != previous) {
                drop(gone);
            }
        }
        if (path.isValidated()) {
            validated = path.net();
        } else if (path.validator().state() != PathValidator.State.WAITING) {
            path.validator().start(now, pto, patience(pto));
        }
    }

    /** A PATH_RESPONSE came, on whatever path (RFC 9000 8.2.3). */
    public Outcome response(long data) {
        if (active.validator().response(data)) {
            active.limit().lift();
            validated = active.net();
            if (previous != null) {
                drop(previous);
                previous = null;
            }
            return Outcome.ACTIVE_VALIDATED;
        }
        Path tried = candidate;
        if (tried != null && tried.validator().response(data)) {
            tried.limit().lift();
            if (!candidateIsOurs) {
                return Outcome.NONE;
            }
            Path before = active;
            active = tried;
            candidate = null;
            validated = tried.net();
            drop(before);
            return Outcome.MIGRATED;
        }
        if (previous != null) {
            previous.validator().response(data);
        }
        return Outcome.NONE;
    }

    /** When {@link #onTimeout} has something to do. */
    public long deadline() {
        long at = active.validator().deadline();
        if (candidate != null) {
            at = Math.min(at, candidate.validator().deadline());
        }
        if (previous != null) {
            at = Math.min(at, previous.validator().deadline());
        }
        return at;
    }

    /** Time passed. */
    public Outcome onTimeout(long now) {
        if (previous != null) {
            previous.validator().onTimeout(now);
        }
        if (candidate != null) {
            candidate.validator().onTimeout(now);
            if (candidate.validator().state() == PathValidator.State.FAILED) {
                drop(candidate);
                candidate = null;
                return Outcome.CANDIDATE_FAILED;
            }
        }
        active.validator().onTimeout(now);
        if (active.validator().state() != PathValidator.State.FAILED || active.isValidated()) {
            return Outcome.NONE;
        }
        if (previous == null) {
            return Outcome.NO_PATH;
        }
        Path failed = active;
        active = previous;
        previous = null;
        drop(failed);
        return Outcome.REVERTED;
    }

    /** A path on which a challenge is due, other than the one in use; null if there is none. */
    public @Nullable Path challengeDue() {
        if (candidate != null && candidate.validator().state() == PathValidator.State.CHALLENGE_DUE) {
            return candidate;
        }
        return previous != null && previous.validator().state() == PathValidator.State.CHALLENGE_DUE ? previous : null;
    }

    /** Whether it is one of the paths still known. */
    public boolean contains(Path path) {
        return path == active || path == candidate || path == previous;
    }

    private void drop(Path path) {
        boolean shared = false;
        for (Path other : new @Nullable Path[] {active, candidate, previous}) {
            shared |= other != null && other != path && other.cid().equals(path.cid());
        }
        if (!shared) {
            cids.release(path.cid());
        }
    }

    /** Adds what a packet needs of it. */
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        active.collect(to);
    }
}
