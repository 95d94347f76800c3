package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.Endpoint;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.EndpointHost;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.TransportError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An endpoint whose host fails goes on with whatever that failure was not about. */
class EndpointHostTest {
    private static final long NOW = Pair.SECOND;
    private static final NetPath PATH = new NetPath(0, Pair.CLIENT, Pair.SERVER);

    private static final class Host implements EndpointHost {
        final Map<Connection, Long> armed = new HashMap<>();
        final List<Connection> released = new ArrayList<>();
        int told;
        int lines;
        boolean failsWhenTold;

        @Nullable Error error;

        @Nullable Connection unarmable;

        @Override
        public @Nullable ConnectionHandler accept(Connection c) {
            return null;
        }

        @Override
        public void dirty(Endpoint e) {
            if (error != null) {
                throw error;
            }
            if (failsWhenTold) {
                throw new IllegalStateException("meant to fail");
            }
            told++;
        }

        @Override
        public void rearm(Connection c, long deadline) {
            if (c == unarmable && error != null) {
                throw error;
            }
            if (c == unarmable) {
                throw new IllegalStateException("meant to fail");
            }
            armed.put(c, deadline);
        }

        @Override
        public void released(Connection c) {
            released.add(c);
        }

        @Override
        public System.Logger logger(System.Logger logger) {
            lines++; // it is asked for each
            return logger;
        }
    }

    private final Host host = new Host();
    private QuicConfig config = QuicConfig.defaults();
    private final Endpoint endpoint = new Endpoint(EndpointConfig.client(), new SeededRandom(1), host);
    private final Transmit out = new Transmit();

    private TestApp connect() {
        var app = new TestApp();
        app.connection = endpoint.connect(NOW, config, TestTls.client(new SeededRandom(2)), "localhost", PATH, app);
        return app;
    }

    @Test
    void aHostThatFailedWhenToldIsToldAgain() {
        host.failsWhenTold = true;
        assertThrows(IllegalStateException.class, this::connect);
        assertEquals(0, endpoint.connectionCount());
        host.failsWhenTold = false;
        connect();
        assertEquals(1, host.told);
        assertTrue(endpoint.transmit(NOW, out));
        assertFalse(endpoint.transmit(NOW, out));
    }

    @Test
    void aHostThatAsksWhileItIsToldIsToldOfWhatComesLater() {
        var sent = new int[1];
        var eager = new EndpointHost() {
            @Override
            public @Nullable ConnectionHandler accept(Connection c) {
                return null;
            }

            @Override
            public void dirty(Endpoint e) {
                while (e.transmit(NOW, out)) {
                    sent[0]++;
                }
            }

            @Override
            public void rearm(Connection c, long deadline) {}

            @Override
            public void released(Connection c) {}
        };
        var asked = new Endpoint(EndpointConfig.client(), new SeededRandom(3), eager);
        for (int i = 1; i <= 2; i++) {
            var app = new TestApp();
            asked.connect(NOW, QuicConfig.defaults(), TestTls.client(new SeededRandom(4)), "localhost", PATH, app);
            assertEquals(i, sent[0]);
        }
    }

    @Test
    void aConnectionWhoseTimerCannotBeSetIsGivenUpAndTheOthersGoOn() {
        TestApp bad = connect();
        TestApp good = connect();
        host.unarmable = bad.connection;
        int batches = 0;
        while (endpoint.transmit(NOW, out)) {
            assertTrue(++batches < 100, "endless");
        }
        assertNotNull(bad.closed);
        assertEquals(CloseReason.Kind.ENDPOINT_CLOSED, bad.closed.kind());
        assertSame(bad.connection, host.released.getFirst());
        assertEquals(0, endpoint.closedCount());
        assertNull(good.closed);
        assertEquals(1, endpoint.connectionCount());
        assertNotNull(host.armed.get(good.connection));
        // It still is told of what there is to do.
        int before = host.told;
        good.connection().close(7, "enough");
        assertEquals(before + 1, host.told);
        assertTrue(endpoint.transmit(NOW, out));
    }

    @Test
    void anErrorWhileAConnectionIsMadeLeavesNothingOfIt() {
        host.error = new StackOverflowError("meant to");
        assertThrows(StackOverflowError.class, this::connect);
        host.error = null;
        TestApp good = connect();
        assertEquals(1, endpoint.connectionCount());
        endpoint.close(NOW, 0, "the end");
        assertNotNull(good.closed);
    }

    @Test
    void anErrorOfAHostsCostsOneConnectionToo() {
        TestApp bad = connect();
        TestApp good = connect();
        host.unarmable = bad.connection;
        int batches = 0;
        while (endpoint.transmit(NOW, out)) {
            host.error = new StackOverflowError("meant to"); // once it is told, and before it sets timers
            assertTrue(++batches < 100, "endless");
        }
        assertNotNull(bad.closed);
        assertNull(good.closed);
        assertNotNull(host.armed.get(good.connection));
    }

    @Test
    void whoeverFailsWhenItIsToldOfTheEndTheOthersAreTold() {
        List<TestApp> apps = List.of(connect(), connect(), connect());
        apps.forEach(app -> app.fails = new StackOverflowError("meant to"));
        endpoint.close(NOW, 0, "the end");
        apps.forEach(app -> assertNotNull(app.closed));
    }

    /** Its peer hears of it at once, and not when its patience is at an end. */
    @Test
    void anErrorOfAnApplicationsEndsItsConnection() {
        var pair = new Pair(5);
        TestApp client = pair.connected();
        pair.server.app().fails = new StackOverflowError("meant to");
        client.send(true, new byte[10]);
        pair.run(() -> client.closed != null);
        assertNotNull(pair.server.app().closed);
        CloseReason reason = client.closed;
        assertNotNull(reason);
        assertEquals(TransportError.INTERNAL_ERROR.code(), reason.code());
    }

    @Test
    void aListenerThatThrowsIsSaidOnceForAConnectionAndGoesOnHearing() {
        var heard = new int[1];
        config = QuicConfig.builder()
                .listener((_, _, _) -> {
                    heard[0]++;
                    throw new IllegalStateException("meant to fail");
                })
                .build();
        for (int i = 1; i <= 2; i++) {
            TestApp app = connect();
            assertTrue(endpoint.transmit(NOW, out));
            assertFalse(endpoint.transmit(NOW, out));
            assertNull(app.closed);
            assertEquals(i, host.lines);
            assertTrue(heard[0] >= 2 * i, "heard " + heard[0]);
        }
        assertEquals(2, endpoint.connectionCount());
    }
}
