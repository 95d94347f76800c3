package dev.tokioj.net;

import dev.tokioj.runtime.AsyncRuntime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes QUIC connections. Those of a loop share one socket; all end with the client. Any thread.
 *
 * <pre>{@code
 * try (var connection = QuicClient.builder().alpn("echo").trust(ca).connect("example.org", 4433);
 *      var stream = connection.openStream()) { ... }
 * }</pre>
 */
public final class QuicClient implements AutoCloseable {
    private final ClientCore core;
    private final @Nullable String serverName;

    private QuicClient(ClientCore core, @Nullable String serverName) {
        this.core = core;
        this.serverName = serverName;
    }

    /** A builder; {@code alpn} must be set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Connects to a host by name or address literal. Its addresses are tried in turn, IPv6 and IPv4 alternating, each with a
     * short head start.
     *
     * @throws HandshakeTimeoutException if nobody answered in time
     * @throws HandshakeFailedException if the handshake failed; the message says why and what to try
     * @throws java.net.UnknownHostException if the name has no address
     */
    public QuicConnection connect(String host, int port) throws IOException {
        String name = serverName == null ? host : serverName;
        return core.connect(host, port, shard -> new Dialer(shard, name)).facade();
    }

    /** As {@link #connect(String, int)}, to this address; its host string is the name that the certificate must have. */
    public QuicConnection connect(InetSocketAddress address) throws IOException {
        if (address.isUnresolved()) {
            return connect(address.getHostString(), address.getPort());
        }
        return connect(List.of(address), serverName == null ? address.getHostString() : serverName);
    }

    /** Tries these addresses in turn. */
    QuicConnection connect(List<InetSocketAddress> addresses, String name) throws IOException {
        return core.connect(addresses, shard -> new Dialer(shard, name)).facade();
    }

    AsyncRuntime runtime() {
        return core.resources().runtime();
    }

    /** Closes the connections that are left, at once, and the sockets. */
    @Override
    public void close() throws IOException {
        core.close();
    }

    /** Dials on one loop. */
    record Dialer(ClientShard shard, String name) implements Connecting.Dialer<RawConnection> {

        @Override
        public RawConnection dial(InetSocketAddress remote, Connecting<RawConnection> told) {
            RawConnection raw =
                    new RawConnection(shard.shard(), name + " (" + remote + ")", new RawConnection.Watcher() {
                        @Override
                        public void established(RawConnection connection) {
                            told.succeeded(connection);
                        }

                        @Override
                        public void ended(RawConnection connection, QuicException cause) {
                            told.failed(connection, cause);
                        }
                    });
            return raw.attach(shard.dial(remote, name, raw));
        }

        @Override
        public void abandon(RawConnection attempt) {
            attempt.closeNow(0, "");
        }
    }

    /** What this client needs besides what {@link ClientBuilder} has. */
    public static final class Builder extends ClientBuilder<Builder> {
        private List<String> alpn = List.of();
        private @Nullable String serverName;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /** The application protocols we speak, preferred first (RFC 7301). */
        public Builder alpn(String... names) {
            alpn = List.of(names);
            return this;
        }

        List<String> alpn() {
            return alpn;
        }

        /** The name that is asked for and that the certificate must have, if it is not the host that is connected to. */
        public Builder serverName(String value) {
            serverName = value;
            return this;
        }

        /** A client for any number of connections. */
        public QuicClient build() throws IOException {
            if (alpn.isEmpty()) {
                throw new IllegalStateException("a QUIC client needs alpn(...): the name of what it speaks");
            }
            return new QuicClient(ClientCore.open(this, alpn), serverName);
        }

        /** A client for one connection, which ends with it. See {@link QuicClient#connect(String, int)}. */
        public QuicConnection connect(String host, int port) throws IOException {
            QuicClient client = build();
            try {
                return client.connect(host, port).owning(client);
            } catch (IOException | RuntimeException e) {
                client.close();
                throw e;
            }
        }

        /** As {@link #connect(String, int)}, to this address. */
        public QuicConnection connect(InetSocketAddress address) throws IOException {
            QuicClient client = build();
            try {
                return client.connect(address).owning(client);
            } catch (IOException | RuntimeException e) {
                client.close();
                throw e;
            }
        }
    }
}
