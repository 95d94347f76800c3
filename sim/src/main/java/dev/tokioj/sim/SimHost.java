package dev.tokioj.sim;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.tls.TlsClientConfig;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A host of the simulated network: a production endpoint with virtual timers and a simulated socket. */
public final class SimHost implements EndpointHost, Node {
    private final Simulation simulation;
    private final Network network;
    private final InetSocketAddress address;
    private final Endpoint endpoint;
    private final Function<Connection, @Nullable ConnectionHandler> acceptor;
    private final Map<Connection, Simulation.Scheduled> timers = new HashMap<>();
    private final Transmit transmit = new Transmit();
    private boolean flushPlanned;
    private long datagramsIn;
    private long datagramsOut;
    private long bytesIn;
    private long bytesOut;

    /**
     * A host at a fresh address.
     *
     * @param acceptor answers who handles a new connection, or null to refuse it
     */
    public SimHost(
            Simulation simulation,
            Network network,
            EndpointConfig config,
            LinkProfile out,
            LinkProfile in,
            Function<Connection, @Nullable ConnectionHandler> acceptor) {
        this.simulation = simulation;
        this.network = network;
        this.acceptor = acceptor;
        this.address = network.nextAddress();
        this.endpoint = new Endpoint(config, simulation.hostRandom(), this);
        network.attach(this, address, out, in);
    }

    /** Its own address. */
    public InetSocketAddress address() {
        return address;
    }

    /** Its endpoint. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Starts a connection to an address. */
    public Connection connect(
            QuicConfig config, TlsClientConfig tls, String name, InetSocketAddress to, ConnectionHandler handler) {
        return endpoint.connect(simulation.now(), config, tls, name, new NetPath(0, address, to), handler);
    }

    @Override
    public void deliver(Datagram datagram) {
        datagramsIn++;
        bytesIn += datagram.bytes().length;
        NetPath path = new NetPath(0, address, datagram.from());
        endpoint.receive(simulation.now(), datagram.bytes(), 0, datagram.bytes().length, path, datagram.ecn());
    }

    @Override
    public @Nullable ConnectionHandler accept(Connection c) {
        return acceptor.apply(c);
    }

    @Override
    public void dirty(Endpoint e) {
        if (!flushPlanned) {
            flushPlanned = true;
            simulation.after(0, this::flush);
        }
    }

    private void flush() {
        flushPlanned = false;
        while (endpoint.transmit(simulation.now(), transmit)) {
            for (int at = 0; at < transmit.length; at += transmit.segmentSize) {
                int end = Math.min(transmit.length, at + transmit.segmentSize);
                byte[] bytes = Arrays.copyOfRange(transmit.buf, at, end);
                datagramsOut++;
                bytesOut += bytes.length;
                network.send(new Datagram(bytes, address, transmit.path().remote(), transmit.ecn));
            }
        }
    }

    @Override
    public void rearm(Connection c, long deadline) {
        Simulation.Scheduled before = timers.remove(c);
        if (before != null) {
            before.cancel();
        }
        if (deadline != Long.MAX_VALUE) {
            timers.put(c, simulation.at(deadline, () -> {
                timers.remove(c);
                endpoint.onTimeout(simulation.now(), c);
            }));
        }
    }

    @Override
    public void released(Connection c) {
        rearm(c, Long.MAX_VALUE);
    }

    /** Connections whose timer is armed. */
    public int armedTimers() {
        return timers.size();
    }

    /** Datagrams that came. */
    public long datagramsIn() {
        return datagramsIn;
    }

    /** Datagrams that were sent. */
    public long datagramsOut() {
        return datagramsOut;
    }

    /** Bytes of the datagrams that came. */
    public long bytesIn() {
        return bytesIn;
    }

    /** Bytes of the datagrams that were sent. */
    public long bytesOut() {
        return bytesOut;
    }
}
