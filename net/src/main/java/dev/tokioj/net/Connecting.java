package dev.tokioj.net;

import dev.tokioj.runtime.Timer;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tries the addresses of a name in turn, each with a short head start before the next, and keeps the first that completes its
 * handshake (in the spirit of RFC 8305). Loop's thread only.
 */
final class Connecting<A> {
    /** Enough for a name with both families and a spare each; a hostile name server cannot make us knock at more. */
    static final int MAX_ADDRESSES = 6;

    /** Starts and gives up one attempt. The attempt tells its end by {@link #succeeded} or {@link #failed}. */
    interface Dialer<A> {
        A dial(InetSocketAddress remote, Connecting<A> told);

        /** No end is told any more, or it does not matter. */
        void abandon(A attempt);
    }

    private enum State {
        TRYING,
        DONE
    }

    private final List<InetSocketAddress> addresses;
    private final Dialer<A> dialer;
    private final Reply<A> reply;
    private final Shard shard;
    private final Duration headStart;
    private final Timer timer;
    private final List<A> live = new ArrayList<>();
    private State state = State.TRYING;
    private int next;
    private @Nullable QuicException failure;

    Connecting(Shard shard, List<InetSocketAddress> addresses, Duration headStart, Dialer<A> dialer, Reply<A> reply) {
        this.shard = shard;
        this.addresses = addresses;
        this.headStart = headStart;
        this.dialer = dialer;
        this.reply = reply;
        this.timer = shard.loop().newTimer(this::dialNext);
    }

    /** IPv6 and IPv4 by turns, in the order of the resolver otherwise. */
    static List<InetSocketAddress> order(InetAddress[] resolved, int port, boolean ipv6Usable) {
        List<InetAddress> v6 = new ArrayList<>();
        List<InetAddress> v4 = new ArrayList<>();
        for (InetAddress address : resolved) {
            (address instanceof Inet6Address ? v6 : v4).add(address);
        }
        List<InetSocketAddress> ordered = new ArrayList<>();
        for (int i = 0; i < Math.max(v6.size(), v4.size()); i++) {
            if (ipv6Usable && i < v6.size()) {
                ordered.add(new InetSocketAddress(v6.get(i), port));
            }
            if (i < v4.size()) {
                ordered.add(new InetSocketAddress(v4.get(i), port));
            }
        }
        return ordered.size() > MAX_ADDRESSES ? List.copyOf(ordered.subList(0, MAX_ADDRESSES)) : ordered;
    }

    void dialNext() {
        if (state == State.DONE || next >= addresses.size()) {
            return;
        }
        InetSocketAddress remote = addresses.get(next++);
        try {
            live.add(dialer.dial(remote, this));
        } catch (RuntimeException | Error e) {
            // Such as a server name that is none. Nothing has begun that would tell the caller later.
            finish().fail(new IOException("connecting to " + remote + " failed: " + e.getMessage(), e));
            return;
        }
        if (next < addresses.size()) {
            timer.arm(shard.loop().now() + headStart.toNanos());
        }
    }

    void succeeded(A attempt) {
        live.remove(attempt);
        if (state == State.DONE || !finish().complete(attempt)) {
            dialer.abandon(attempt);
        }
    }

    void failed(A attempt, QuicException cause) {
        live.remove(attempt);
        if (state == State.DONE) {
            return;
        }
        // A refusal tells more than silence.
        if (failure == null || failure instanceof HandshakeTimeoutException) {
            failure = cause;
        }
        if (next < addresses.size()) {
            dialNext();
        } else if (live.isEmpty()) {
            QuicException reported = failure;
            finish().fail(reported);
        }
    }

    /** Nobody waits any more. */
    void cancel() {
        if (state == State.TRYING) {
            finish();
        }
    }

    private Reply<A> finish() {
        state = State.DONE;
        timer.disarm();
        List.copyOf(live).forEach(dialer::abandon);
        live.clear();
        return reply;
    }
}
