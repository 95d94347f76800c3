package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.tls.TlsClientConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What both kinds of client share: a shard with one socket, names resolved off the loop, addresses tried in turn. Any thread. */
final class ClientCore implements AutoCloseable {
    private final Resources resources;
    private final Shard shard;
    private final ShardSocket socket;
    private final QuicConfig config;
    private final TlsClientConfig tls;
    private final Duration headStart;
    private final Map<String, List<InetAddress>> hosts;

    private ClientCore(
            Resources resources,
            Shard shard,
            ShardSocket socket,
            QuicConfig config,
            TlsClientConfig tls,
            Duration headStart,
            Map<String, List<InetAddress>> hosts) {
        this.resources = resources;
        this.shard = shard;
        this.socket = socket;
        this.config = config;
        this.tls = tls;
        this.headStart = headStart;
        this.hosts = hosts;
    }

    static ClientCore open(ClientBuilder<?> builder, List<String> alpn) throws IOException {
        Resources resources = Resources.open(builder, "quic-client");
        Shard shard = null;
        try {
            QuicConfig config = resources.listening(builder.config.build());
            TlsClientConfig tls = resources.complete(
                    TlsClientConfig.builder(alpn, builder.trust.verifier(), resources.random()), builder);
            shard = Shard.open(
                    resources.runtime().loops().next(),
                    builder.settings(config),
                    EndpointConfig.client(),
                    resources.random(),
                    connection -> null);
            ShardSocket socket = shard.bind(UdpOptions.builder().build(), false);
            return new ClientCore(resources, shard, socket, config, tls, builder.headStart, Map.copyOf(builder.hosts));
        } catch (IOException | RuntimeException e) {
            if (shard != null) {
                shard.close(0, "");
            }
            resources.close();
            throw e;
        }
    }

    Shard shard() {
        return shard;
    }

    Resources resources() {
        return resources;
    }

    /** Loop: begins a handshake. */
    Connection dial(InetSocketAddress remote, String serverName, ConnectionHandler handler) {
        return shard.connect(config, tls, serverName, socket.pathTo(remote), handler);
    }

    /** Waits for the first of the host's addresses with which a handshake is completed. */
    <A> A connect(String host, int port, Connecting.Dialer<A> dialer) throws IOException {
        shard.checkMayWait("connect");
        List<InetSocketAddress> addresses =
                Connecting.order(resolve(host), port, socket.features().dualStack());
        if (addresses.isEmpty()) {
            throw new UnknownHostException(host + " has no address of a family that this machine has");
        }
        return connect(addresses, dialer);
    }

    <A> A connect(List<InetSocketAddress> addresses, Connecting.Dialer<A> dialer) throws IOException {
        Reply<A> reply = new Reply<>();
        Connecting<A> connecting = new Connecting<>(shard, addresses, headStart, dialer, reply);
        shard.execute(connecting::dialNext);
        try {
            return reply.await("connect");
        } catch (InterruptedIOException e) {
            shard.execute(connecting::cancel);
            throw e;
        }
    }

    /** Off the loop: the JDK's resolver holds its thread while it asks the network. */
    private InetAddress[] resolve(String host) throws IOException {
        List<InetAddress> known = hosts.get(host.toLowerCase(Locale.ROOT));
        if (known != null) {
            return known.toArray(InetAddress[]::new);
        }
        try {
            return resources
                    .runtime()
                    .spawnBlocking(() -> InetAddress.getAllByName(host))
                    .join();
        } catch (InterruptedException e) {
            throw Failures.interrupted("connect");
        } catch (UnknownHostException e) {
            UnknownHostException named =
                    new UnknownHostException(host + ": no such host, or the name service cannot be reached");
            named.initCause(e);
            throw named;
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("resolving " + host + " failed", e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            shard.close(0, "the client is closing");
        } finally {
            resources.close();
        }
    }
}
