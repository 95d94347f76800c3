package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.Steering;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.net.RecvBatch;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The way in of a shard's sockets: reads datagrams in batches, gives the endpoint those that are its own, and the other shards
 * theirs. Loop's thread only.
 */
final class DatagramReceiver {
    private final EventLoop loop;
    private final ShardSettings settings;
    private final Shard.Place place;
    private final Endpoint endpoint;
    private final Prefetcher prefetcher;
    private final RecvBatch batch = new RecvBatch(ShardSettings.RECEIVE_ENTRIES);
    private final Arrivals arrivals = new Arrivals();
    /** Of whom datagrams came, for a moment. */
    private final List<Connection> ahead = new ArrayList<>();

    private long forwarded;
    private long forwardsDropped;

    DatagramReceiver(
            EventLoop loop, ShardSettings settings, Shard.Place place, Endpoint endpoint, Prefetcher prefetcher) {
        this.loop = loop;
        this.settings = settings;
        this.place = place;
        this.endpoint = endpoint;
        this.prefetcher = prefetcher;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** Datagrams that were for another shard, and went there. */
    long forwarded() {
        return forwarded;
    }

    /** Datagrams that were for another shard, which had no room. */
    long forwardsDropped() {
        return forwardsDropped;
    }

    /** Reads what the socket has, up to the budget of a turn. Of what one call brings, handshakes go before the rest. */
    void receive(ShardSocket socket) {
        long now = loop.now();
        int budget = settings.receiveBudget();
        while (budget > 0) {
            int entries = socket.receive(batch);
            if (endpoint.outgrowsCache()) {
                prefetch(entries);
            }
            int urgent = 0;
            for (int i = 0; i < entries; i++) {
                budget -= Math.max(batch.length(i), 64);
                if (isLongHeader(i)) {
                    urgent++;
                    deliverTrain(socket, i, now);
                }
            }
            for (int i = 0; i < entries && urgent < entries; i++) {
                if (!isLongHeader(i)) {
                    deliverTrain(socket, i, now);
                }
            }
            if (entries < batch.capacity()) {
                endpoint.intake().onEmptied(now);
                return;
            }
        }
        endpoint.intake().onBehind(now);
    }

    private void prefetch(int entries) {
        for (int i = 0; i < entries; i++) {
            Connection found = endpoint.find(batch.buffer(), batch.offset(i), batch.length(i));
            if (found != null) {
                ahead.add(found);
            }
        }
        prefetcher.prefetch(ahead);
        ahead.clear();
    }

    /** An Initial, Handshake or 0-RTT packet comes first in it; the bit is not protected (RFC 9001 section 5.4.1). */
    private boolean isLongHeader(int entry) {
        return batch.length(entry) > 0 && (batch.buffer()[batch.offset(entry)] & Steering.LONG_HEADER) != 0;
    }

    private void deliverTrain(ShardSocket socket, int entry, long now) {
        arrivals.begin();
        try {
            deliver(socket, entry, now);
        } finally {
            arrivals.end();
        }
    }

    /** One entry: a datagram, or a train of them that the kernel joined. */
    private void deliver(ShardSocket socket, int entry, long now) {
        byte[] buf = batch.buffer();
        int off = batch.offset(entry);
        int end = off + batch.length(entry);
        int segment = Math.max(batch.segmentSize(entry), 1);
        int ecn = batch.ecn(entry);
        InetSocketAddress local = batch.local(entry);
        InetSocketAddress remote = batch.remote(entry);
        NetPath path = socket.path(local, remote);
        if (place.crossing().isIdle()) {
            receiveAll(buf, off, end, segment, path, ecn, now);
            return;
        }
        while (off < end) {
            int owner = owner(buf, off, end, segment);
            int next = off + segment;
            while (next < end && owner(buf, next, end, segment) == owner) {
                next += segment;
            }
            next = Math.min(next, end);
            if (owner == place.number()) {
                receiveAll(buf, off, next, segment, path, ecn, now);
            } else {
                long datagrams = Math.ceilDiv(next - off, segment);
                if (place.crossing()
                        .forward(owner, buf, off, next - off, segment, socket.number(), local, remote, ecn)) {
                    forwarded += datagrams;
                } else {
                    forwardsDropped += datagrams;
                }
            }
            off = next;
        }
    }

    private int owner(byte[] buf, int off, int end, int segment) {
        int loop = place.shared().steering().loopOf(buf, off, Math.min(segment, end - off));
        return loop < 0 ? place.number() : loop; // it names none: whoever has it drops it
    }

    private void receiveAll(byte[] buf, int off, int end, int segment, NetPath path, int ecn, long now) {
        for (int at = off; at < end; at += segment) {
            endpoint.receive(now, buf, at, Math.min(segment, end - at), path, ecn);
        }
    }

    /** What came to another shard's socket and is for this shard. */
    void receiveForwarded(byte[] datagrams, int segment, NetPath path, int ecn) {
        arrivals.begin();
        try {
            receiveAll(datagrams, 0, datagrams.length, segment, path, ecn, loop.now());
        } finally {
            arrivals.end();
        }
    }
}
