package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.ConnectionSetup;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.connection.Workbench;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.stream.ChunkPool;
import dev.tokioj.quic.stream.Intake;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsServerConfig;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop, client's and server's: finds the one a datagram is for, accepts new ones, answers what belongs
 * to none, and says what is to be sent next (RFC 9000 5.2). The owner's thread only. No datagram makes it throw.
 */
public final class Endpoint {
    private static final System.Logger LOG = System.getLogger(Endpoint.class.getName());

    /** Bytes of the Destination Connection ID that a client makes up (RFC 9000 7.2). */
    private static final int FIRST_ID = 8;
    /** Chunks kept for streams to come; 4 MB. */
    private static final int POOLED_CHUNKS = 256;
    /** Connections of a dozen kilobytes each beyond which a second level cache of 1 to 2 MB does not hold them. */
    private static final int CACHED_CONNECTIONS = 100;

    private static final int MIN_DATAGRAM = 1200;
    private static final byte[] NO_TOKEN = {};

    private final EndpointConfig config;
    private final SecureRandom random;
    private final EndpointHost host;
    private final CidGenerator cids;
    private final StatelessReset resets;
    private final Tokens tokens;
    private final StatelessAnswers answers;
    private final Acceptor acceptor;
    private final PacketHeader header;
    private final ChunkPool pool = new ChunkPool(POOLED_CHUNKS);
    private final Workbench bench = new Workbench();
    private final Intake intake = new Intake();

    private final ConnectionTable<Registration> byId;
    private final ConnectionTable<Registration> byPeerToken;
    private final Population population;
    private final ConnectionNumbers numbers;
    private final SendOrder order = new SendOrder();
    private boolean hostKnows;
    private boolean accepting;

    /**
     * An endpoint without connections, the only one at its address.
     *
     * @param random must be unpredictable: connection IDs, tokens and path challenges come from it
     */
    public Endpoint(EndpointConfig config, SecureRandom random, EndpointHost host) {
        this(config, Shared.of(config, 1, random), 0, random, host);
    }

    /**
     * One of the endpoints of a server, without connections.
     *
     * @param config the same for all of them, but for the listener
     * @param loop its number, 0 for the first: it is given the datagrams that {@link Steering#loopOf} says are for it, and no others
     */
    public Endpoint(EndpointConfig config, Shared shared, int loop, SecureRandom random, EndpointHost host) {
        this.config = config;
        this.random = random;
        this.host = host;
        this.cids = new CidGenerator(random, config.connectionIdLength(), shared.steering(), loop);
        this.resets = new StatelessReset(shared.resetKey(), random);
        this.tokens = new Tokens(shared.tokenKey(), random, config.retryTokenLifetime(), config.newTokenLifetime());
        this.answers = new StatelessAnswers(shared.share(config.statelessAnswers()));
        this.acceptor = new Acceptor(config, shared, tokens, cids, answers);
        this.population = new Population(shared.share(config.maxTombstones()), shared);
        this.numbers = new ConnectionNumbers(loop, shared.steering().loops());
        this.header = new PacketHeader(true, config.versions().toArray(new Version[0]));
        this.byId = new ConnectionTable<>(random);
        this.byPeerToken = new ConnectionTable<>(random);
        this.accepting = config.serverTls() != null;
    }

    // ---- in ----

    /**
     * One datagram came; the caller has split trains that were received as one. It is decrypted in place.
     *
     * @param now ns
     * @param ecn the low 2 bits of its TOS octet
     */
    public void receive(long now, byte[] buf, int off, int len, NetPath path, int ecn) {
        PacketHeader.Outcome outcome = header.parse(buf, off, off + len, config.connectionIdLength());
        switch (outcome) {
            case TRUNCATED, CONNECTION_ID_TOO_LONG, FIXED_BIT_CLEAR -> {}
            case UNSUPPORTED_VERSION -> negotiateVersion(len, path, now);
            case PACKET, TOO_SHORT -> {
                if (header.dcidOffset() + header.dcidLength() > off + len) {
                    return;
                }
                Registration known = byId.get(buf, header.dcidOffset(), header.dcidLength());
                if (known != null) {
                    known.connection().receive(now, buf, off, len, path, ecn);
                } else {
                    receiveUnknown(now, buf, off, len, path, ecn);
                }
            }
        }
    }

    /** Where the host says whether it keeps up with what comes. */
    public Intake intake() {
        return intake;
    }

    /** Whether there are so many connections that {@link Connection#prefetch} is worth its while. */
    public boolean outgrowsCache() {
        return connectionCount() > CACHED_CONNECTIONS;
    }

    /**
     * Ahead of {@link #receive}, for all datagrams that came together: the connection that has one; null if that is not as simple as
     * that.
     */
    public @Nullable Connection find(byte[] buf, int off, int len) {
        int idLength = config.connectionIdLength();
        if (len <= idLength || (buf[off] & Steering.LONG_HEADER) != 0) {
            return null;
        }
        Registration known = byId.get(buf, off + 1, idLength);
        return known == null ? null : known.connection();
    }

    private void receiveUnknown(long now, byte[] buf, int off, int len, NetPath path, int ecn) {
        if (!header.isLong()) {
            receiveUnknownShort(now, buf, off, len, path);
            return;
        }
        TlsServerConfig tls = config.serverTls();
        if (!accepting || tls == null || header.type() != PacketType.INITIAL) {
            return;
        }
        Acceptor.Admission admission = acceptor.onInitial(header, buf, len, path, now);
        if (!answers.isEmpty()) {
            wake();
        }
        if (admission != null) {
            accept(admission, tls, now, buf, off, len, path, ecn);
        }
    }

    private void receiveUnknownShort(long now, byte[] buf, int off, int len, NetPath path) {
        if (len >= StatelessReset.MIN_LENGTH) {
            int at = off + len - StatelessReset.TOKEN_LENGTH;
            // The keyed hash keeps what the lookup takes from telling anything of a token (RFC 9000 10.3.1).
            Registration reset = byPeerToken.get(buf, at, StatelessReset.TOKEN_LENGTH);
            if (reset != null) {
                reset.connection().receiveStatelessReset(now);
                return;
            }
        }
        if (config.serverTls() != null && StatelessReset.mayAnswer(len) && answers.take(now)) {
            answers.add(resets.answer(len, buf, header.dcidOffset(), header.dcidLength()), path);
            wake();
        }
    }

    private void negotiateVersion(int len, NetPath path, long now) {
        if (!accepting || len < MIN_DATAGRAM || !answers.take(now)) {
            return;
        }
        byte[] answer = VersionNegotiation.encode(
                header, config.versions(), config.server().grease(), random);
        answers.add(answer, path);
        wake();
    }

    private void accept(
            Acceptor.Admission a, TlsServerConfig tls, long now, byte[] buf, int off, int len, NetPath path, int ecn) {
        byte[] alias = a.keyId().toBytes();
        var registration = new Registration(this, alias);
        ConnectionId id = issue(registration);
        var setup = new ConnectionSetup(
                numbers.next(),
                config.server(),
                a.version(),
                registration,
                random,
                pool,
                bench,
                intake,
                path,
                a.originalDestinationId(),
                a.keyId(),
                id,
                a.clientId(),
                a.retrySourceId(),
                NO_TOKEN,
                a.addressValidated());
        Connection c = Connection.server(setup, tls, now);
        ConnectionHandler handler = ask(c);
        if (handler == null) {
            retire(registration, id);
            order.remove(registration);
            acceptor.refuse(a.version(), a.keyId(), a.clientId(), TransportError.CONNECTION_REFUSED, path, now);
            wake();
            return;
        }
        c.handler(handler);
        registration.connection(c);
        population.move(registration, Population.Life.HALF_OPEN);
        byId.put(alias, registration);
        c.receive(now, buf, off, len, path, ecn);
    }

    System.Logger logger(System.Logger logger) {
        return host.logger(logger);
    }

    /** Asks the host for a handler; a bug of the host's refuses one connection and stops nothing else. */
    private @Nullable ConnectionHandler ask(Connection c) {
        try {
            return host.accept(c);
        } catch (RuntimeException | Error e) {
            String what = "connection " + c.originalDestinationId() + " is refused by a bug";
            logger(LOG).log(System.Logger.Level.ERROR, what, e);
            return null;
        }
    }

    /**
     * Starts a connection; its first datagram is ready for {@link #transmit}.
     *
     * @param serverName the host name or IP address literal that the server's certificate must be for
     * @throws IllegalArgumentException if {@code serverName} is neither
     */
    public Connection connect(
            long now,
            QuicConfig config,
            TlsClientConfig tls,
            String serverName,
            NetPath path,
            ConnectionHandler handler) {
        return connect(now, config, tls, serverName, path, handler, NO_TOKEN);
    }

    /** As the other, with a token of an earlier connection to the same server ({@link Connection#newToken}). */
    public Connection connect(
            long now,
            QuicConfig config,
            TlsClientConfig tls,
            String serverName,
            NetPath path,
            ConnectionHandler handler,
            byte[] token) {
        var registration = new Registration(this, null);
        ConnectionId id = issue(registration);
        ConnectionId first = ConnectionId.random(random, FIRST_ID);
        var setup = new ConnectionSetup(
                numbers.next(),
                config,
                this.config.versions().get(0),
                registration,
                random,
                pool,
                bench,
                intake,
                path,
                first,
                first,
                id,
                first,
                null,
                token.clone(),
                true);
        population.move(registration, Population.Life.OPEN);
        try {
            Connection c = Connection.client(setup, tls, serverName, handler, now);
            registration.connection(c);
            return c;
        } catch (RuntimeException | Error e) { // such as a server name that is none: nothing is left of it
            population.move(registration, Population.Life.GONE);
            order.remove(registration);
            retire(registration, id);
            throw e;
        }
    }

    // ---- out ----

    /**
     * Fills in the next thing to send: stateless answers, then handshakes and probes, then the others in turn, at most one
     * batch each; false: there is nothing now.
     */
    public boolean transmit(long now, Transmit out) {
        if (answers.transmit(out)) {
            return true;
        }
        for (Registration r = order.next(); r != null; r = order.next()) {
            try {
                if (r.connection().transmit(now, out)) {
                    enqueue(r);
                    return true;
                }
                if (r.queued == Registration.Queued.NOWHERE) {
                    afterSending(r, now);
                }
            } catch (RuntimeException | Error e) {
                giveUp(r, now, e);
            }
        }
        hostKnows = false;
        return false;
    }

    /** A bug, ours or the host's: it costs this connection. Those behind it in the queue wait for nobody else. */
    private void giveUp(Registration r, long now, Throwable cause) {
        try {
            if (r.life == Population.Life.HALF_OPEN || r.life == Population.Life.OPEN) {
                // Which comes back here.
                r.connection().abort(now, TransportError.INTERNAL_ERROR.code(), "internal error");
            } else {
                release(r);
            }
        } catch (RuntimeException | Error e) {
            logger(LOG).log(System.Logger.Level.ERROR, "connection " + r.connection() + " cannot be given up", e);
        }
        logger(LOG).log(System.Logger.Level.ERROR, "connection " + r.connection() + " is given up over a bug", cause);
    }

    /**
     * A socket of the host's has no room: until {@link #unblock}, connections that send by it wait, and the others go on. What is
     * sent there all the same (a probe of a path, an answer that belongs to no connection) the host may drop.
     */
    public void block(int socket) {
        order.block(socket);
    }

    /** There is room again. */
    public void unblock(int socket) {
        if (order.unblock(socket)) {
            wake();
        }
    }

    /** The connection has nothing more to send: its timer is set, or it is forgotten. */
    private void afterSending(Registration r, long now) {
        Connection c = r.connection();
        switch (c.state()) {
            case HANDSHAKING, ESTABLISHED -> arm(r, c.deadline(now));
            case CLOSING, DRAINING -> {
                arm(r, c.deadline(now));
                bury(r);
            }
            case CLOSED -> release(r);
        }
    }

    /** The close was said; the eldest of those that wait only for stragglers go if there are too many. */
    private void bury(Registration r) {
        if (r.life == Population.Life.CLOSED) {
            population.move(r, Population.Life.TOMBSTONE);
            Registration surplus = population.surplus();
            if (surplus != null) {
                release(surplus);
            }
        }
    }

    private void arm(Registration r, long deadline) {
        if (deadline != r.armed) {
            host.rearm(r.connection(), deadline);
            r.armed = deadline;
        }
    }

    private void release(Registration r) {
        if (r.life == Population.Life.GONE) {
            return;
        }
        population.move(r, Population.Life.GONE);
        order.remove(r);
        Connection c = r.connection();
        for (ConnectionId id : c.localIds()) {
            retire(r, id);
        }
        if (r.alias != null) {
            byId.remove(r.alias, r);
        }
        for (byte[] token : c.peerResetTokens()) {
            byPeerToken.remove(token, r);
        }
        c.forget();
        try {
            arm(r, Long.MAX_VALUE);
        } finally {
            host.released(c);
        }
    }

    /** The deadline told by {@link EndpointHost#rearm} has come. */
    public void onTimeout(long now, Connection c) {
        if (c.owner() instanceof Registration r && r.connection() == c && r.life != Population.Life.GONE) {
            r.armed = Long.MAX_VALUE;
            c.onTimeout(now);
            enqueue(r);
        }
    }

    /** Closes every connection with an application's code and accepts no more. What is left of them still wants to be sent. */
    public void close(long now, long code, String reason) {
        accepting = false;
        population.connections().forEach(c -> c.abort(now, code, reason));
    }

    /** All that are not forgotten, those included that are closed and remembered. A copy. */
    public List<Connection> connections() {
        return population.connections();
    }

    /** Connections that are not closed. */
    public int connectionCount() {
        return population.live();
    }

    /** Server's connections whose handshake is not complete. */
    public int halfOpenCount() {
        return population.halfOpen();
    }

    /** Closed connections that are remembered to answer stragglers (RFC 9000 10.2). */
    public int closedCount() {
        return population.remembered();
    }

    // ---- what registrations ask ----

    void enqueue(Registration r) {
        order.add(r);
        wake();
    }

    private void wake() {
        if (hostKnows) {
            return;
        }
        hostKnows = true; // before it is told: it may ask at once, and end that with "nothing more"
        boolean told = false;
        try {
            host.dirty(this);
            told = true;
        } finally {
            if (!told) {
                hostKnows = false; // or it would never be told again
            }
        }
    }

    ConnectionId issue(Registration r) {
        ConnectionId id = cids.next();
        while (!byId.put(id.toBytes(), r)) {
            id = cids.next();
        }
        return id;
    }

    void retire(Registration r, ConnectionId id) {
        byId.remove(id.toBytes(), r);
    }

    byte[] resetToken(ConnectionId id) {
        return resets.token(id);
    }

    void addPeerToken(Registration r, byte[] token) {
        byPeerToken.put(token, r);
    }

    void removePeerToken(Registration r, byte[] token) {
        byPeerToken.remove(token, r);
    }

    byte[] newToken(long now, NetPath path) {
        return tokens.newToken(now, path.remote());
    }

    void handshakeComplete(Registration r) {
        if (r.life == Population.Life.HALF_OPEN) { // a client's was open from the beginning
            population.move(r, Population.Life.OPEN);
        }
    }

    void closed(Registration r, boolean addressProved) {
        boolean unproved = r.life == Population.Life.HALF_OPEN && !addressProved;
        population.move(r, unproved ? Population.Life.UNPROVED : Population.Life.CLOSED);
    }
}
