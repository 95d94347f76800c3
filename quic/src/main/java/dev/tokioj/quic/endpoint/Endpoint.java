package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.tls.TlsClientConfig;
import java.security.SecureRandom;

/** The connections of one loop, found by their IDs; client and server (RFC 9000 5.2). The owner's thread only. */
@SuppressWarnings("DoNotCallSuggester")
public final class Endpoint {
    private final EndpointConfig config;
    private final SecureRandom random;
    private final EndpointHost host;

    /** An endpoint without connections. */
    public Endpoint(EndpointConfig config, SecureRandom random, EndpointHost host) {
        this.config = config;
        this.random = random;
        this.host = host;
    }

    /**
     * One datagram came. It is decrypted in place.
     *
     * @param ecn the low 2 bits of its TOS octet
     */
    public void receive(long now, byte[] buf, int off, int len, NetPath path, int ecn) {
        throw new UnsupportedOperationException();
    }

    /** Starts a connection; its first datagram is ready for {@link #transmit}. */
    public Connection connect(
            long now,
            QuicConfig config,
            TlsClientConfig tls,
            String serverName,
            NetPath path,
            ConnectionHandler handler) {
        throw new UnsupportedOperationException();
    }

    /** Fills in the next thing to send; false: there is nothing now. */
    public boolean transmit(long now, Transmit out) {
        throw new UnsupportedOperationException();
    }

    /** The deadline told by {@link EndpointHost#rearm} has come. */
    public void onTimeout(long now, Connection c) {
        throw new UnsupportedOperationException();
    }

    /** Closes every connection with an application code and accepts no more. */
    public void close(long now, long code, String reason) {
        throw new UnsupportedOperationException();
    }

    /** Connections that are not closed. */
    public int connectionCount() {
        throw new UnsupportedOperationException();
    }

    /** Server's connections whose handshake is not complete. */
    public int halfOpenCount() {
        throw new UnsupportedOperationException();
    }
}
