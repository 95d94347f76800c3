package dev.tokioj.net;

import dev.tokioj.runtime.net.UdpOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Binds a server's addresses. */
final class ServerSockets {
    private ServerSockets() {}

    /** Binds all or none (the shard is closed by the caller); the answer has the ports. */
    static List<InetSocketAddress> bind(Shard shard, List<InetSocketAddress> addresses) throws IOException {
        List<InetSocketAddress> bound = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            bound.add(bind(shard, address).localAddress());
        }
        return List.copyOf(bound);
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
