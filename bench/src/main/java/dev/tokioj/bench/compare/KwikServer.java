package dev.tokioj.bench.compare;

import dev.tokioj.tls.Identity;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import tech.kwik.core.QuicConnection;
import tech.kwik.core.QuicStream;
import tech.kwik.core.log.NullLogger;
import tech.kwik.core.server.ApplicationProtocolConnection;
import tech.kwik.core.server.ApplicationProtocolConnectionFactory;
import tech.kwik.core.server.ServerConnectionConfig;
import tech.kwik.core.server.ServerConnector;

/** Kwik's server, a virtual thread for each stream. Its datagrams are of its own size, its key exchange is secp256r1. */
final class KwikServer implements Serving {
    /** Its client's default. With ten megabytes, as the others have, it stalls as often. */
    static final int STREAM_WINDOW = 250_000;

    static final int SOCKET_BUFFER = 4 << 20;
    private static final String ALIAS = "own";
    private static final long MANY_STREAMS = 1L << 50;

    private final ServerConnector server;
    private final DatagramSocket socket;

    KwikServer(Setup setup) throws IOException, GeneralSecurityException {
        socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        socket.setReceiveBufferSize(SOCKET_BUFFER);
        socket.setSendBufferSize(SOCKET_BUFFER);
        server = ServerConnector.builder()
                .withSocket(socket)
                .withKeyStore(keys(setup), ALIAS, new char[0])
                .withLogger(new NullLogger())
                .withConfiguration(ServerConnectionConfig.builder()
                        .maxIdleTimeoutInSeconds(Setup.IDLE_SECONDS)
                        .maxConnectionBufferSize(10L * STREAM_WINDOW)
                        .maxBidirectionalStreamBufferSize(STREAM_WINDOW)
                        .maxOpenPeerInitiatedBidirectionalStreams(Setup.MAX_STREAMS)
                        .maxTotalPeerInitiatedBidirectionalStreams(MANY_STREAMS)
                        .build())
                .build();
        server.registerApplicationProtocol(Setup.ALPN, new Factory());
        server.start();
    }

    private static KeyStore keys(Setup setup) throws IOException, GeneralSecurityException {
        Identity identity = Identity.pem(setup.certificate(), setup.key());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(ALIAS, identity.key(), new char[0], identity.chain().toArray(Certificate[]::new));
        return keys;
    }

    @Override
    public int port() {
        return socket.getLocalPort();
    }

    @Override
    public void close() {
        server.close();
    }

    private static final class Factory implements ApplicationProtocolConnectionFactory {
        @Override
        public ApplicationProtocolConnection createConnection(String protocol, QuicConnection connection) {
            return new Answering();
        }

        @Override
        public int maxConcurrentPeerInitiatedUnidirectionalStreams() {
            return 0;
        }

        @Override
        public int maxConcurrentPeerInitiatedBidirectionalStreams() {
            return Setup.MAX_STREAMS;
        }
    }

    private static final class Answering implements ApplicationProtocolConnection {
        @Override
        public void acceptPeerInitiatedStream(QuicStream stream) {
            Thread.startVirtualThread(() -> {
                try {
                    BlockingStreams.answer(stream.getInputStream(), stream.getOutputStream());
                } catch (IOException e) {
                    stream.resetStream(1); // the client is gone, or misses its answer and says so
                }
            });
        }
    }
}
