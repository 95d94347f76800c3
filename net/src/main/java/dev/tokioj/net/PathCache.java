package dev.tokioj.net;

import dev.tokioj.quic.path.NetPath;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One {@link NetPath} object for each way that datagrams come, so that none is made per packet. Direct-mapped with a keyed
 * hash: addresses that a sender invents push entries out, which costs an allocation, and can do nothing else. One loop.
 */
final class PathCache {
    private static final int SLOTS = 1024; // a power of two; more peers than slots cost an allocation now and then

    private final int socket;
    private final int key;
    private final @Nullable NetPath[] slots = new @Nullable NetPath[SLOTS];

    PathCache(int socket, int key) {
        this.socket = socket;
        this.key = key;
    }

    NetPath path(@Nullable InetSocketAddress local, InetSocketAddress remote) {
        int hash = (remote.hashCode() ^ key) * 0x9E3779B9;
        int slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
        NetPath known = slots[slot];
        if (known != null && same(known.remote(), remote) && same(known.local(), local)) {
            return known;
        }
        NetPath fresh = new NetPath(socket, local, remote);
        slots[slot] = fresh;
        return fresh;
    }

    private static boolean same(@Nullable InetSocketAddress a, @Nullable InetSocketAddress b) {
        return Objects.equals(a, b);
    }
}
