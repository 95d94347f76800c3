package dev.tokioj.net;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.RetryMode;
import dev.tokioj.quic.endpoint.Steering;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Placement;
import dev.tokioj.tls.Identity;
import dev.tokioj.tls.IdentitySelector;
import dev.tokioj.tls.TlsServerConfig;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What both kinds of server can be told: where to listen, as whom, and how much to take on. One thread.
 *
 * @param <B> the builder itself
 */
public abstract sealed class ServerBuilder<B extends ServerBuilder<B>> extends EndpointBuilder<B>
        permits Http3Server.Builder, QuicServer.Builder {
    private final List<InetSocketAddress> binds = new ArrayList<>();
    private final EndpointConfig.Builder endpoint = EndpointConfig.builder();
    private @Nullable IdentitySelector identities;

    Placement placement = Placement.SHARED;

    /** What a socket's buffer is asked to hold: a loop that is busy for a moment loses nothing of either. */
    int forwardBuffer = 4 << 20;

    ServerBuilder() {}

    /** Listens on this port of every address, IPv6 and IPv4; 0: a port that the system chooses. */
    public B bind(int port) {
        return bind(ServerSockets.everywhere(port));
    }

    /** Listens on this address; may be called again for more. Default: every address, any port. */
    public B bind(InetSocketAddress address) {
        binds.add(address);
        return self();
    }

    /** Our certificate and key, whatever name clients ask for. */
    public B identity(Identity value) {
        return identities(IdentitySelector.of(value));
    }

    /** Our certificates and keys by name. */
    public B identities(IdentitySelector value) {
        identities = value;
        return self();
    }

    /**
     * Where the handlers' tasks run, and what they spawn if the server's runtime is its own; default {@link Placement#SHARED}, where
     * they may compute and block. With {@link Placement#LOOP} a handler runs on its connection's loop.
     */
    public B placement(Placement value) {
        placement = value;
        return self();
    }

    /**
     * How many event loops share the connections, each with a socket of its own at every address (SO_REUSEPORT). Default: all of the
     * runtime's, which are one a core unless it was told otherwise, where the kernel can bring each datagram to its connection's
     * loop (Linux calls); one where it cannot, since most datagrams would then change threads. A connection stays on its loop,
     * also when its client's address changes.
     *
     * @throws IllegalArgumentException when started, if the runtime in use has fewer
     */
    @Override
    public B loops(int value) {
        return super.loops(value);
    }

    /** Bytes of datagrams that came to another loop's socket and wait for theirs, a loop, at most; more are dropped. Default 4 MB. */
    public B forwardBuffer(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("forwardBuffer: must not be negative, is " + bytes);
        }
        forwardBuffer = bytes;
        return self();
    }

    /** When clients must prove their address first (RFC 9000 section 8.1.2); default {@link RetryMode#WHEN_BUSY}. */
    public B retry(RetryMode value) {
        endpoint.retry(value);
        return self();
    }

    /** Connections at once, at most; more are refused. */
    public B maxConnections(int value) {
        endpoint.maxConnections(value);
        return self();
    }

    /** Connections in their handshake at once, at most; more are dropped. */
    public B maxHalfOpen(int value) {
        endpoint.maxHalfOpen(value);
        return self();
    }

    @Override
    Placement tasks() {
        return placement;
    }

    @Override
    int defaultLoops() {
        boolean steered = transport != Transport.NIO && EpollPoller.isAvailable();
        return steered ? Math.min(Runtime.getRuntime().availableProcessors(), Steering.MAX_LOOPS) : 1;
    }

    List<InetSocketAddress> addresses() {
        return binds.isEmpty() ? List.of(ServerSockets.everywhere(0)) : List.copyOf(binds);
    }

    IdentitySelector requireIdentities() {
        return Objects.requireNonNull(identities, "a server needs identity(...)");
    }

    EndpointConfig endpoint(Resources resources, QuicConfig config, List<String> alpn) {
        TlsServerConfig tls =
                resources.complete(TlsServerConfig.builder(alpn, requireIdentities(), resources.random()), this);
        return endpoint.serverTls(tls).server(config).build();
    }
}
