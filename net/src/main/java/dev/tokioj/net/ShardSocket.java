package dev.tokioj.net;

import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.runtime.net.RecvBatch;
import dev.tokioj.runtime.net.UdpFeatures;
import dev.tokioj.runtime.net.UdpHandler;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.runtime.net.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One of a shard's sockets, with the batch that its kernel buffer had no room for: that one is kept, is sent first when there is
 * room, and blocks this socket alone. Loop's thread only.
 */
final class ShardSocket implements UdpHandler {
    private enum Sending {
        OPEN,
        /** {@code kept} waits for room. */
        FULL,
        /** And so does {@code second}. */
        OVERFULL
    }

    private final Shard shard;
    private final int number;
    private final PathCache paths;
    private final boolean tellsLocalAddress;
    private @Nullable UdpSocket socket;
    private Transmit kept = new Transmit();
    private Transmit second = new Transmit();
    private int keptFrom;
    private Sending sending = Sending.OPEN;

    private ShardSocket(Shard shard, int number, boolean tellsLocalAddress, int hashKey) {
        this.shard = shard;
        this.number = number;
        this.tellsLocalAddress = tellsLocalAddress;
        this.paths = new PathCache(number, hashKey);
    }

    /**
     * Opens and binds.
     *
     * @param tellsLocalAddress whether paths name our address: a server answers from the one that was asked, and a client has
     *     said from the start that it does not care
     */
    static ShardSocket open(Shard shard, int number, UdpOptions options, boolean tellsLocalAddress, int hashKey)
            throws IOException {
        ShardSocket opened = new ShardSocket(shard, number, tellsLocalAddress, hashKey);
        opened.socket = UdpSocket.open(shard.loop().poller(), shard::executeHere, options, opened);
        return opened;
    }

    private UdpSocket socket() {
        UdpSocket open = socket;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        return open;
    }

    int number() {
        return number;
    }

    InetSocketAddress localAddress() {
        return socket().localAddress();
    }

    UdpFeatures features() {
        return socket().features();
    }

    /** The path on which we would reach this peer first. */
    NetPath pathTo(InetSocketAddress remote) {
        return paths.path(null, remote);
    }

    NetPath path(@Nullable InetSocketAddress local, InetSocketAddress remote) {
        return paths.path(tellsLocalAddress ? local : null, remote);
    }

    @Override
    public void onReadable(UdpSocket readable) {
        shard.receive(this);
    }

    @Override
    public void onWritable(UdpSocket writable) {
        shard.writable(this);
    }

    int receive(RecvBatch batch) {
        try {
            return socket().receive(batch);
        } catch (IOException e) {
            Shard.LOG.log(System.Logger.Level.WARNING, "a UDP socket cannot be read any more: " + localAddress(), e);
            close();
            return 0;
        }
    }

    /** Sends a batch, or keeps it until there is room; answers a batch that is free for the next. */
    Transmit send(Transmit batch) {
        return switch (sending) {
            case OPEN -> sendOrKeep(batch);
            case FULL -> {
                sending = Sending.OVERFULL;
                Transmit free = second;
                second = batch;
                yield free;
            }
            case OVERFULL -> throw new IllegalStateException("a socket that is full was given more");
        };
    }

    private Transmit sendOrKeep(Transmit batch) {
        int taken = offer(batch, 0);
        if (taken == batch.length) {
            return batch;
        }
        sending = Sending.FULL;
        keptFrom = taken;
        Transmit free = kept;
        kept = batch;
        return free;
    }

    /** Whether nothing more may be sent here until {@link #sendKept} has answered true. */
    boolean isOverfull() {
        return sending == Sending.OVERFULL;
    }

    /** Offers again what was kept. False: there is still no room for all of it. */
    boolean sendKept() {
        while (sending != Sending.OPEN) {
            keptFrom += offer(kept, keptFrom);
            if (keptFrom < kept.length) {
                return false;
            }
            keptFrom = 0;
            if (sending == Sending.OVERFULL) {
                Transmit next = second;
                second = kept;
                kept = next;
                sending = Sending.FULL;
            } else {
                sending = Sending.OPEN;
            }
        }
        return true;
    }

    private int offer(Transmit batch, int from) {
        NetPath path = batch.path();
        InetSocketAddress local = path.local();
        InetAddress source = local == null ? null : local.getAddress();
        int length = batch.length - from;
        try {
            return socket().send(batch.buf, from, length, batch.segmentSize, path.remote(), source, batch.ecn);
        } catch (IOException e) {
            Shard.LOG.log(System.Logger.Level.DEBUG, "a UDP socket cannot be written any more", e);
            return length; // lost, as datagrams may be; the connections find out by their timers
        }
    }

    void close() {
        UdpSocket open = socket;
        if (open != null) {
            open.close();
        }
    }
}
