package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.endpoint.RetryMode;
import dev.tokioj.quic.endpoint.Shared;
import dev.tokioj.quic.path.NetPath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The endpoints of one server: what one gives out the other understands, and the limits are of both. */
class SharedTest {
    private static final long NOW = Pair.SECOND;
    private static final NetPath AT_SERVER = new NetPath(0, Pair.SERVER, Pair.CLIENT);
    private static final NetPath AT_CLIENT = new NetPath(0, Pair.CLIENT, Pair.SERVER);

    /** An endpoint whose datagrams the test carries by hand. */
    private static final class Host implements EndpointHost {
        final List<Connection> accepted = new ArrayList<>();

        @Override
        public @Nullable ConnectionHandler accept(Connection c) {
            accepted.add(c);
            return new TestApp();
        }

        @Override
        public void dirty(Endpoint e) {}

        @Override
        public void rearm(Connection c, long deadline) {}

        @Override
        public void released(Connection c) {}
    }

    /** A server of two loops. */
    private static final class Server {
        final Shared shared;
        final List<Host> hosts = List.of(new Host(), new Host());
        final List<Endpoint> endpoints;

        Server(EndpointConfig.Builder builder) {
            EndpointConfig config =
                    builder.serverTls(TestTls.server(new SeededRandom(1))).build();
            shared = Shared.of(config, 2, new SeededRandom(2));
            endpoints = List.of(
                    new Endpoint(config, shared, 0, new SeededRandom(3), hosts.get(0)),
                    new Endpoint(config, shared, 1, new SeededRandom(4), hosts.get(1)));
        }

        /** Gives a datagram to the loop that it is for. */
        int route(byte[] datagram) {
            int loop = shared.steering().loopOf(datagram, 0, datagram.length);
            receive(loop, datagram);
            return loop;
        }

        void receive(int loop, byte[] datagram) {
            endpoints.get(loop).receive(NOW, datagram.clone(), 0, datagram.length, AT_SERVER, 0);
        }

        int accepted() {
            return hosts.stream().mapToInt(host -> host.accepted.size()).sum();
        }
    }

    private final Host clientHost = new Host();
    private final Endpoint client = new Endpoint(EndpointConfig.client(), new SeededRandom(5), clientHost);

    /** The first datagram of a new connection. */
    private byte[] hello() {
        client.connect(
                NOW, QuicConfig.defaults(), TestTls.client(new SeededRandom(6)), "localhost", AT_CLIENT, new TestApp());
        List<byte[]> sent = sent(client);
        assertEquals(1, sent.size());
        return sent.getFirst();
    }

    private static List<byte[]> sent(Endpoint endpoint) {
        var out = new Transmit();
        List<byte[]> datagrams = new ArrayList<>();
        while (endpoint.transmit(NOW, out)) {
            for (int at = 0; at < out.length; at += out.segmentSize) {
                datagrams.add(Arrays.copyOfRange(out.buf, at, Math.min(out.length, at + out.segmentSize)));
            }
        }
        return datagrams;
    }

    @Test
    void answersComeBackToTheLoopThatOwnsTheConnection() {
        var server = new Server(EndpointConfig.builder());
        int[] count = new int[2];
        for (int i = 0; i < 40; i++) {
            int loop = server.route(hello());
            count[loop]++;
            for (byte[] datagram : sent(server.endpoints.get(loop))) {
                client.receive(NOW, datagram, 0, datagram.length, AT_CLIENT, 0);
            }
            List<byte[]> answers = sent(client);
            assertTrue(!answers.isEmpty());
            for (byte[] answer : answers) { // to the ID that the server chose
                assertEquals(loop, server.route(answer));
            }
        }
        assertTrue(count[0] > 5 && count[1] > 5, count[0] + " and " + count[1]);
        assertEquals(40, server.accepted());
        assertEquals(
                40,
                server.hosts.stream()
                        .flatMap(host -> host.accepted.stream())
                        .map(Connection::id)
                        .distinct()
                        .count());
    }

    @Test
    void aRetryOfOneIsUnderstoodByTheOther() {
        var server = new Server(EndpointConfig.builder().retry(RetryMode.ALWAYS));
        server.receive(0, hello());
        byte[] retry = sent(server.endpoints.get(0)).getFirst();
        client.receive(NOW, retry, 0, retry.length, AT_CLIENT, 0);
        server.receive(1, sent(client).getFirst());
        assertEquals(0, server.hosts.get(0).accepted.size());
        assertEquals(1, server.hosts.get(1).accepted.size());
    }

    @Test
    void aResetOfOneIsAResetOfTheOther() {
        var server = new Server(EndpointConfig.builder());
        byte[] stray = new byte[100];
        new SeededRandom(9).nextBytes(stray);
        stray[0] = 0x40;
        byte[][] tokens = new byte[2][];
        for (int loop = 0; loop < 2; loop++) {
            server.receive(loop, stray);
            byte[] reset = sent(server.endpoints.get(loop)).getFirst();
            tokens[loop] = Arrays.copyOfRange(reset, reset.length - 16, reset.length);
        }
        assertArrayEquals(tokens[0], tokens[1]);
    }

    @Test
    void theLimitOfHalfOpenConnectionsIsOfAllLoopsTogether() {
        var server = new Server(EndpointConfig.builder().retry(RetryMode.NEVER).maxHalfOpen(3));
        for (int i = 0; i < 8; i++) {
            server.receive(i % 2, hello());
        }
        assertEquals(3, server.accepted());
        assertEquals(3, server.shared.halfOpen());
        // They time out; what closed unproved is remembered for a while, and then there is room again.
        for (int loop = 0; loop < 2; loop++) {
            for (Connection c : server.hosts.get(loop).accepted) {
                long much = NOW + 100 * Pair.SECOND;
                server.endpoints.get(loop).onTimeout(much, c);
                server.endpoints.get(loop).transmit(much, new Transmit());
            }
        }
        assertEquals(0, server.shared.halfOpen());
        server.receive(1, hello());
        assertEquals(4, server.accepted());
    }

    @Test
    void busynessIsThatOfAllLoopsTogether() {
        var server =
                new Server(EndpointConfig.builder().retry(RetryMode.WHEN_BUSY).retryThreshold(1));
        server.receive(0, hello());
        server.receive(1, hello());
        assertEquals(1, server.accepted());
        assertEquals(1, sent(server.endpoints.get(1)).size(), "a Retry");
    }

    @Test
    void theLimitOfConnectionsIsOfAllLoopsTogether() {
        var server = new Server(EndpointConfig.builder().maxConnections(2));
        server.receive(0, hello());
        server.receive(1, hello());
        assertEquals(2, server.shared.connections());
        server.receive(1, hello());
        assertEquals(2, server.accepted());
        assertEquals(1, server.endpoints.get(1).connectionCount());
        byte[] refusal = sent(server.endpoints.get(1)).stream()
                .filter(d -> d.length < 128)
                .findFirst()
                .orElseThrow();
        client.receive(NOW, refusal, 0, refusal.length, AT_CLIENT, 0);
        assertEquals(2, client.connectionCount(), "the third was refused");
    }

    @Test
    void twoServersHaveKeysOfTheirOwn() {
        var one = Shared.of(EndpointConfig.client(), 3, new SeededRandom(10)).steering();
        var two = Shared.of(EndpointConfig.client(), 3, new SeededRandom(11)).steering();
        assertNotEquals(one.firstFactor(), two.firstFactor());
        assertNotEquals(one.secondFactor(), two.secondFactor());
        assertEquals(3, one.loops());
    }
}
