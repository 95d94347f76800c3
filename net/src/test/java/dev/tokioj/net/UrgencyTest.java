package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.quic.connection.QuicEventListener;
import dev.tokioj.quic.connection.Transmit;
import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.tls.Delegated;
import dev.tokioj.tls.InsecureTrustAnyCertificate;
import dev.tokioj.tls.NamedGroup;
import dev.tokioj.tls.TlsClientConfig;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handshakes do not wait behind what other connections have sent before them. */
@Timeout(60)
class UrgencyTest {
    /** Makes a client's first datagrams, and nothing more. */
    private static final class Silent implements EndpointHost, ConnectionHandler {
        @Override
        public @Nullable ConnectionHandler accept(Connection c) {
            return null;
        }

        @Override
        public void dirty(Endpoint e) {}

        @Override
        public void rearm(Connection c, long deadline) {}

        @Override
        public void released(Connection c) {}

        @Override
        public void onHandshakeComplete(Connection c) {}

        @Override
        public StreamSink onPeerStream(Connection c, long streamId) {
            return StreamSink.NONE;
        }

        @Override
        public void onStreamWritable(Connection c, long streamId) {}

        @Override
        public void onStopSending(Connection c, long streamId, long code) {}

        @Override
        public void onStreamsAvailable(Connection c, boolean bidirectional) {}

        @Override
        public void onStreamSendComplete(Connection c, long streamId) {}

        @Override
        public void recycle(byte[] chunk) {}

        @Override
        public void onDelegated(Connection c, Delegated work) {}

        @Override
        public void onClosed(Connection c, dev.tokioj.quic.connection.CloseReason reason) {}
    }

    /** A valid Initial from a client that does not exist. */
    private static ByteBuffer hello(int port) {
        SecureRandom random = new SecureRandom();
        Silent silent = new Silent();
        Endpoint endpoint = new Endpoint(EndpointConfig.client(), random, silent);
        TlsClientConfig tls = TlsClientConfig.builder(List.of("echo"), new InsecureTrustAnyCertificate(), random)
                .groups(List.of(NamedGroup.X25519)) // one datagram
                .build();
        endpoint.connect(1, QuicConfig.defaults(), tls, "localhost", new NetPath(0, null, Loopback.v4(port)), silent);
        Transmit out = new Transmit();
        assertTrue(endpoint.transmit(1, out));
        assertEquals(1, out.segments());
        return ByteBuffer.wrap(out.buf, 0, out.length);
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void aHandshakeOvertakesWhatCameBeforeIt(Poller.Kind kind) throws Exception {
        assumeTrue(kind != Poller.Kind.EPOLL || EpollPoller.isAvailable(), "epoll is Linux's");
        List<String> order = new CopyOnWriteArrayList<>();
        QuicEventListener listener = (_, connection, event) -> {
            if (event instanceof QuicEvent.ConnectionStarted) {
                order.add("hello");
            } else if (event instanceof QuicEvent.PacketReceived
                    && connection.state() == Connection.State.ESTABLISHED) {
                order.add("bulk");
            }
        };
        try (AsyncRuntime runtime = AsyncRuntime.start(
                        RuntimeConfig.ioFocused().loops(1).poller(kind).build());
                QuicServer server = Echo.builder()
                        .bind(Loopback.v4(0))
                        .config(QuicConfig.builder().listener(listener).build())
                        .runtime(runtime)
                        .start();
                QuicConnection connection = Echo.client().connect("localhost", server.port());
                DatagramChannel stranger = DatagramChannel.open();
                QuicStream stream = connection.openStream()) {
            stream.write(new byte[1]);
            assertEquals(1, stream.read(new byte[1])); // all of the handshake is done
            ByteBuffer hello = hello(server.port());

            CountDownLatch stopped = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            EventLoop loop = runtime.loops().get(0);
            loop.execute(() -> {
                order.clear();
                stopped.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            stopped.await();
            // On loopback what was sent is in the server's socket: first these, then the hello.
            long before = connection.stats().packetsSent();
            stream.write(new byte[5000]);
            while (connection.stats().packetsSent() < before + 4) {
                Thread.onSpinWait();
            }
            stranger.send(hello, Loopback.v4(server.port()));
            release.countDown();

            byte[] back = new byte[5000];
            assertEquals(5000, stream.input().readNBytes(back, 0, back.length));
            List<String> seen = new ArrayList<>(order);
            assertEquals("hello", seen.getFirst(), seen.toString());
            assertTrue(seen.size() > 4 && seen.get(1).equals("bulk"), seen.toString());
        }
    }
}
