package dev.tokioj.sim;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.IdentitySelector;
import dev.tokioj.tls.NamedGroup;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsServerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A server that answers {@link Bulk} requests, and whoever wants to reach it. */
public final class World {
    /** The protocol that both sides speak. */
    public static final String ALPN = "bulk";

    private static final long SECOND = 1_000_000_000L;

    private final Simulation simulation;
    private final Network network;
    private final SimHost server;
    private final List<Bulk.Server> accepted = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();

    /** A world with a server of default configuration behind a clean, fast link. */
    public World(long seed) {
        this(seed, c -> c, LinkProfile.clean(1_000_000, 0, 10_000));
    }

    /**
     * A world with a server.
     *
     * @param configuration changes the server's configuration
     * @param link both directions of the server's own link
     */
    public World(long seed, Function<EndpointConfig.Builder, EndpointConfig.Builder> configuration, LinkProfile link) {
        simulation = new Simulation(seed);
        network = new Network(simulation);
        EndpointConfig.Builder builder = EndpointConfig.builder().serverTls(serverTls());
        server = new SimHost(simulation, network, configuration.apply(builder).build(), link, link, connection -> {
            Bulk.Server handler = new Bulk.Server(simulation::now);
            accepted.add(handler);
            connections.add(connection);
            return handler;
        });
    }

    private TlsServerConfig serverTls() {
        return TlsServerConfig.builder(
                        List.of(ALPN), IdentitySelector.of(SimulationIdentity.identity()), simulation.hostRandom())
                .build();
    }

    /** A server that misbehaves and waits for a client. */
    public RawServer newRawServer() {
        return new RawServer(simulation, network, LinkProfile.clean(1_000_000, 0, 100_000), serverTls());
    }

    /** Virtual time. */
    public Simulation simulation() {
        return simulation;
    }

    /** The network. */
    public Network network() {
        return network;
    }

    /** The server's host. */
    public SimHost server() {
        return server;
    }

    /** Handlers of the connections that the server accepted. */
    public List<Bulk.Server> accepted() {
        return accepted;
    }

    /** Connections that the server accepted. */
    public List<Connection> connections() {
        return connections;
    }

    /** Forgets connections that are over: long campaigns make many. */
    public void forgetClosed() {
        accepted.removeIf(handler -> handler.closed() != null);
        connections.removeIf(connection -> connection.state() == Connection.State.CLOSED);
    }

    /** A host without a server. */
    public SimHost newClientHost(LinkProfile link) {
        return new SimHost(simulation, network, EndpointConfig.client(), link, link, _ -> null);
    }

    /** A client's TLS: the simulated servers' certificate is trusted, nothing else; one key share keeps runs short. */
    public TlsClientConfig clientTls() {
        return clientTls(List.of(CipherSuite.TLS_AES_128_GCM_SHA256), List.of(NamedGroup.X25519));
    }

    /** A client's TLS with these suites and groups. */
    public TlsClientConfig clientTls(List<CipherSuite> suites, List<NamedGroup> groups) {
        return TlsClientConfig.builder(List.of(ALPN), SimulationIdentity.verifier(), simulation.hostRandom())
                .cipherSuites(suites)
                .groups(groups)
                .build();
    }

    /** Connects a client host to the server. */
    public Connection connect(SimHost client, ConnectionHandler handler) {
        return connect(client, QuicConfig.defaults(), handler);
    }

    /** Connects a client host to the server. */
    public Connection connect(SimHost client, QuicConfig config, ConnectionHandler handler) {
        return client.connect(config, clientTls(), SimulationIdentity.NAME, server.address(), handler);
    }

    /** A client that misbehaves, with its handshake under way. */
    public RawClient rawClient() {
        RawClient client = silentRawClient();
        client.reacts(true);
        return client;
    }

    /** A client that sends its ClientHello and then only listens, until it is told to react. */
    public RawClient silentRawClient() {
        RawClient client = newRawClient();
        client.reacts(false);
        client.start(
                clientTls(),
                SimulationIdentity.NAME,
                client.parameters().build().encode());
        return client;
    }

    /** A client that misbehaves and has sent nothing yet. */
    public RawClient newRawClient() {
        return new RawClient(simulation, network, LinkProfile.clean(1_000_000, 0, 100_000), server.address());
    }

    /** A client that misbehaves, with its handshake complete. */
    public RawClient rawClientConnected() {
        RawClient client = rawClient();
        if (!simulation.runUntil(client::isComplete, SECOND)) {
            throw new IllegalStateException(
                    "seed " + simulation.seed() + ": no handshake: " + client.alert() + ", " + client.closed());
        }
        simulation.run(SECOND / 20);
        return client;
    }

    /** The one connection that the server accepted last. */
    public @Nullable Connection lastConnection() {
        return connections.isEmpty() ? null : connections.getLast();
    }
}
