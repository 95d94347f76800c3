package dev.tokioj.net;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The way between the shards of one server. The kernel may bring a datagram to the socket of another loop than its connection's:
 * where it does not steer, when its program has just been changed, and in trains that it joined. So each one's owner is looked
 * at when it comes, and what is for another loop is copied and sent to that loop's mailbox; no more than a bound waits for a loop
 * that does not keep up, as in a socket's buffer. One for all the shards; what is a loop's is said.
 */
final class Crossing {
    /** A server without others to cross to. */
    static Crossing none() {
        return new Crossing(1, 0);
    }

    private final AtomicReferenceArray<@Nullable Shard> shards;
    /** By loop: bytes that are on their way to it. */
    private final AtomicInteger[] waiting;

    private final int bound;

    Crossing(int loops, int bound) {
        this.shards = new AtomicReferenceArray<>(loops);
        this.waiting = new AtomicInteger[loops];
        Arrays.setAll(waiting, _ -> new AtomicInteger());
        this.bound = bound;
    }

    /** A shard is there; before that, datagrams for it are dropped, as they are before a socket is bound. */
    void join(int loop, Shard shard) {
        shards.set(loop, shard);
    }

    /** Whether there is nobody to cross to. */
    boolean isIdle() {
        return shards.length() == 1;
    }

    /** Datagrams on their way to another loop, which runs this there. */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    private record Parcel(
            Crossing crossing,
            int to,
            Shard shard,
            byte[] bytes,
            int segment,
            int socket,
            @Nullable InetSocketAddress local,
            InetSocketAddress remote,
            int ecn)
            implements Runnable {
        @Override
        public void run() {
            crossing.waiting[to].addAndGet(-bytes.length);
            shard.receiveForwarded(bytes, segment, socket, local, remote, ecn);
        }
    }

    /**
     * A receiving shard's loop: copies datagrams of {@code segment} bytes each and sends them to their loop.
     *
     * @return whether they will get there
     */
    boolean forward(
            int to,
            byte[] buf,
            int off,
            int len,
            int segment,
            int socket,
            @Nullable InetSocketAddress local,
            InetSocketAddress remote,
            int ecn) {
        Shard shard = shards.get(to);
        if (shard == null || waiting[to].get() + len > bound) { // several loops may exceed it by one train each
            return false;
        }
        waiting[to].addAndGet(len);
        byte[] copy = Arrays.copyOfRange(buf, off, off + len);
        shard.execute(new Parcel(this, to, shard, copy, segment, socket, local, remote, ecn));
        return true;
    }
}
