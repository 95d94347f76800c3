package dev.tokioj.quic.path;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The way datagrams go between us and a peer (RFC 9000 9): which of the host's sockets, which local address on it, and
 * the peer's address. Immutable; two paths are the same when all three are equal.
 *
 * @param socket the host's own number for the socket
 * @param local our address on that socket, or null where the platform does not tell it
 * @param remote the peer's address and port, resolved
 */
public record NetPath(int socket, @Nullable InetSocketAddress local, InetSocketAddress remote) {

    /** Whether {@code other} differs in the peer's port alone: most likely a NAT rebinding (RFC 9000 9.4). */
    public boolean samePeerAddress(NetPath other) {
        return remote.getAddress().equals(other.remote.getAddress());
    }
}
