package dev.tokioj.net;

import dev.tokioj.quic.endpoint.Steering;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.net.SteeringProgram;
import dev.tokioj.runtime.net.UdpOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Binds a server's addresses: one socket for each on every loop, and a program in the kernel, where there can be one, that brings
 * each datagram to its connection's loop.
 */
final class ServerSockets {
    private ServerSockets() {}

    /**
     * Which of these loops a server uses.
     *
     * @param wanted how many were asked for; 0: nothing was said
     */
    static List<EventLoop> loops(List<EventLoop> available, int wanted) throws IOException {
        if (available.size() == 1 || available.getFirst().poller() instanceof EpollPoller) {
            return available;
        }
        if (wanted == 0) {
            return available.subList(0, 1); // the kernel cannot be told which loop a datagram is for
        }
        try (DatagramChannel probe = DatagramChannel.open()) {
            if (!probe.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)) {
                Shard.LOG.log(
                        System.Logger.Level.INFO,
                        "sockets cannot share an address on this system: the server uses one loop of {0}",
                        available.size());
                return available.subList(0, 1);
            }
        }
        return available;
    }

    /** Binds all or none (the shards are closed by the caller); the answer has the ports. */
    static List<InetSocketAddress> bind(List<Shard> shards, Steering steering, List<InetSocketAddress> addresses)
            throws IOException {
        List<InetSocketAddress> bound = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            bound.add(bind(shards, steering, address));
        }
        return List.copyOf(bound);
    }

    private static InetSocketAddress bind(List<Shard> shards, Steering steering, InetSocketAddress address)
            throws IOException {
        Shard first = shards.getFirst();
        // Alone, so that an earlier run of the same program is found out; only then it is shared.
        ShardSocket founder = bind(first, address);
        InetSocketAddress bound = founder.localAddress();
        if (shards.size() > 1) {
            first.share(founder);
            UdpOptions options =
                    UdpOptions.builder().bind(bound).reusePort(true).build();
            for (Shard shard : shards.subList(1, shards.size())) { // the kernel counts in this order
                shard.bind(options, true);
            }
            first.steer(founder, program(steering));
        }
        return bound;
    }

    /** What {@link Steering#loopOf} computes. */
    static SteeringProgram program(Steering steering) {
        return SteeringProgram.builder()
                .loadByte(0)
                .skipIfSet(Steering.LONG_HEADER, 2, 0)
                .loadWord(Steering.SHORT_HEADER_ID)
                .skip(1)
                .loadWord(Steering.LONG_HEADER_ID)
                .multiply(steering.firstFactor())
                .copyToX()
                .shiftRight(16)
                .xorX()
                .multiply(steering.secondFactor())
                .shiftRight(16)
                .remainder(steering.loops())
                .answer()
                .build();
    }

    private static ShardSocket bind(Shard shard, InetSocketAddress address) throws IOException {
        try {
            return shard.bind(UdpOptions.builder().bind(address).build(), true);
        } catch (BindException e) {
            BindException named = new BindException("cannot bind " + address + ": " + e.getMessage()
                    + ". Is another program, or an earlier run of this one, listening there?");
            named.initCause(e);
            throw named;
        } catch (IOException e) {
            if (!address.getAddress().isAnyLocalAddress() || address.getAddress() instanceof Inet4Address) {
                throw e;
            }
            // A machine without IPv6: every address there is.
            InetAddress v4 = InetAddress.getByAddress(new byte[4]);
            return shard.bind(
                    UdpOptions.builder()
                            .bind(new InetSocketAddress(v4, address.getPort()))
                            .build(),
                    true);
        }
    }

    /** Every address of this machine, in both families. */
    static InetSocketAddress everywhere(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[16]), port);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }
}
