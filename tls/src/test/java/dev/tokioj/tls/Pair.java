package dev.tokioj.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client and a server that hand each other their bytes, as QUIC would; a test may change them on the way. */
final class Pair {
    static final byte[] CLIENT_PARAMETERS = "the client's transport parameters".getBytes(StandardCharsets.US_ASCII);
    static final byte[] SERVER_PARAMETERS = "the server's transport parameters".getBytes(StandardCharsets.US_ASCII);

    /** Who sends, or who failed. */
    enum Side {
        CLIENT,
        SERVER
    }

    /** What happens to a handshake message on the way: what arrives in its place. */
    interface Path {
        List<byte[]> carry(Side from, EncryptionLevel level, byte[] message);
    }

    /** How an engine ended badly. */
    record Failure(Side side, TlsAlertException exception) {
        TlsAlert alert() {
            return exception.alert();
        }

        @Override
        public String toString() {
            return side + " " + exception.alert() + ": " + exception.getMessage() + " <- " + exception.getCause();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Flight(Side from, EncryptionLevel level, byte[] bytes) {}

    final TlsEngine client;
    final TlsEngine server;
    final List<TlsEvent> clientEvents = new ArrayList<>();
    final List<TlsEvent> serverEvents = new ArrayList<>();
    Path path = (from, level, message) -> List.of(message);
    int fragment = Integer.MAX_VALUE;

    private final ArrayDeque<Flight> flights = new ArrayDeque<>();

    Pair(TlsClientConfig clientConfig, String serverName, TlsServerConfig serverConfig) {
        this(
                TlsEngine.client(clientConfig, serverName, CLIENT_PARAMETERS),
                TlsEngine.server(serverConfig, SERVER_PARAMETERS));
    }

    Pair(TlsEngine client, TlsEngine server) {
        this.client = client;
        this.server = server;
    }

    /** Runs until nobody has anything to say. Null: nobody failed. */
    @Nullable Failure run() {
        Side acting = Side.CLIENT;
        try {
            server.start();
            client.start();
            drain(Side.CLIENT);
            while (!flights.isEmpty()) {
                Flight flight = flights.remove();
                acting = flight.from == Side.CLIENT ? Side.SERVER : Side.CLIENT;
                TlsEngine to = acting == Side.CLIENT ? client : server;
                for (byte[] message : path.carry(flight.from, flight.level, flight.bytes)) {
                    for (int at = 0; at < message.length; at += Math.min(fragment, message.length - at)) {
                        to.receive(flight.level, message, at, Math.min(fragment, message.length - at));
                        drain(acting);
                    }
                }
            }
            return null;
        } catch (TlsAlertException e) {
            return new Failure(acting, e);
        }
    }

    private void drain(Side side) throws TlsAlertException {
        TlsEngine engine = side == Side.CLIENT ? client : server;
        List<TlsEvent> events = side == Side.CLIENT ? clientEvents : serverEvents;
        for (TlsEvent event = engine.poll(); event != null; event = engine.poll()) {
            events.add(event);
            if (event instanceof TlsEvent.CryptoData(var level, var data)) {
                flights.add(new Flight(side, level, data));
            } else if (event instanceof TlsEvent.NeedsWork(var work)) {
                work.run();
                engine.resume(work);
            }
        }
    }

    /** The secret that this side reads or writes with at a level, or null. */
    static byte @Nullable [] secret(List<TlsEvent> events, boolean read, EncryptionLevel level) {
        for (TlsEvent event : events) {
            if (read && event instanceof TlsEvent.ReadSecret(var at, var suite, var secret) && at == level) {
                return secret;
            }
            if (!read && event instanceof TlsEvent.WriteSecret(var at, var suite, var secret) && at == level) {
                return secret;
            }
        }
        return null;
    }
}
