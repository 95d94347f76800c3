package dev.tokioj.net;

import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.runtime.net.RecvBatch;
import dev.tokioj.runtime.net.SteeringProgram;
import dev.tokioj.runtime.net.UdpFeatures;
import dev.tokioj.runtime.net.UdpHandler;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.runtime.net.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One of a shard's sockets: what comes in knows its path, what goes out waits in an outbox when it must. Loop's thread only. */
final class ShardSocket implements UdpHandler {
    private final Shard shard;
    private final int number;
    private final PathCache paths;
    private final boolean tellsLocalAddress;
    private @Nullable UdpSocket socket;
    private final Outbox outbox = new Outbox(this::offer);

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

    /** Lets other sockets bind this one's address; whether they can. */
    boolean share() throws IOException {
        return socket().share();
    }

    /** Has the kernel choose among the sockets at this address; whether it does. */
    boolean steer(SteeringProgram program) throws IOException {
        return socket().steer(program);
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
        shard.receiver().receive(this);
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

    Outbox outbox() {
        return outbox;
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
