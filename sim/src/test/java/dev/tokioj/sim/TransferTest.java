package dev.tokioj.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.NamedGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Handshakes and transfers over links that misbehave. A failure prints its seed; {@code -Dtokioj.seed=N} runs that one alone,
 * {@code -Dtokioj.seeds=N} runs so many, from {@code -Dtokioj.firstSeed=N}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT) // each test has a world and a clock of its own
final class TransferTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int TEN_MEGABYTES = 10_000_000;

    LongStream seeds() {
        Long one = Long.getLong("tokioj.seed");
        if (one != null) {
            return LongStream.of(one);
        }
        long first = Long.getLong("tokioj.firstSeed", 1);
        return LongStream.range(first, first + Long.getLong("tokioj.seeds", 200));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tenMegabytesArriveIntactOverABadLink(long seed) {
        World world = new World(seed);
        LinkProfile link = LinkProfile.bad(new Random(seed));
        SimHost host = world.newClientHost(link);
        Bulk.Client client = new Bulk.Client(world.simulation()::now, TEN_MEGABYTES);
        QuicConfig patient = QuicConfig.builder().handshakeTimeout(60 * SECOND).build();
        Connection connection = world.connect(host, patient, client);
        boolean done = world.simulation()
                .runUntil(() -> client.isDone() || client.closed() != null || client.wrong() != null, 600 * SECOND);
        assertTrue(
                done && client.isDone(),
                () -> "seed " + seed + " (-Dtokioj.seed=" + seed + "), " + link + ": " + client.receivedBytes()
                        + " bytes, wrong: " + client.wrong() + ", closed: " + client.closed() + ", "
                        + connection.stats());
        assertNoneLeft(world, host, connection);
    }

    /** Closing leaves no connection, no timer, and no further datagram. */
    private static void assertNoneLeft(World world, SimHost host, Connection connection) {
        connection.close(0, "done");
        world.simulation().run(120 * SECOND);
        String seed = "seed " + world.simulation().seed();
        assertEquals(0, host.endpoint().connectionCount(), seed);
        assertEquals(0, world.server().endpoint().connectionCount(), seed);
        assertEquals(0, host.armedTimers(), seed);
        assertEquals(0, world.server().armedTimers(), seed);
    }

    @Test
    void theSameSeedRunsTheSameWay() {
        List<String> first = history(7);
        List<String> second = history(7);
        assertTrue(first.size() > 100, () -> "events: " + first.size());
        assertEquals(first, second);
    }

    private static List<String> history(long seed) {
        World world = new World(seed);
        SimHost host = world.newClientHost(LinkProfile.bad(new Random(seed)));
        Bulk.Client client = new Bulk.Client(world.simulation()::now, 300_000);
        List<String> history = new ArrayList<>();
        QuicConfig config = QuicConfig.builder()
                .handshakeTimeout(60 * SECOND)
                .listener((now, _, event) -> {
                    if (event instanceof QuicEvent.PacketSent || event instanceof QuicEvent.PacketReceived) {
                        history.add(now + " " + event);
                    }
                })
                .build();
        world.connect(host, config, client);
        assertTrue(world.simulation().runUntil(client::isDone, 120 * SECOND));
        return history;
    }

    @Test
    void aHundredStreamsShareAConnection() {
        World world = new World(11);
        SimHost host = world.newClientHost(LinkProfile.USUAL.withLoss(0.02, 3));
        long[] sizes = LongStream.range(0, 500).map(i -> i * 37).toArray();
        Bulk.Client client = new Bulk.Client(world.simulation()::now, sizes);
        world.connect(host, client);
        assertTrue(
                world.simulation().runUntil(client::isDone, 300 * SECOND),
                () -> client.wrong() + " " + client.closed() + " " + client.receivedBytes());
        assertEquals(LongStream.of(sizes).sum(), client.receivedBytes());
    }

    @ParameterizedTest
    @EnumSource(CipherSuite.class)
    void everyCipherSuiteCarriesData(CipherSuite suite) {
        for (NamedGroup group : NamedGroup.values()) {
            World world = new World(31L * suite.name().length() + group.name().length());
            SimHost host = world.newClientHost(LinkProfile.USUAL);
            Bulk.Client client = new Bulk.Client(world.simulation()::now, 100_000);
            host.connect(
                    QuicConfig.defaults(),
                    world.clientTls(List.of(suite), List.of(group)),
                    SimulationIdentity.NAME,
                    world.server().address(),
                    client);
            assertTrue(
                    world.simulation().runUntil(client::isDone, 60 * SECOND),
                    () -> suite + " " + group + ": " + client.closed());
        }
    }

    @Test
    void aBlackHoleOfTwoSecondsIsSurvived() {
        World world = new World(3);
        SimHost host = world.newClientHost(LinkProfile.USUAL);
        Bulk.Client client = new Bulk.Client(world.simulation()::now, TEN_MEGABYTES);
        world.connect(host, client);
        world.simulation().run(5 * SECOND);
        world.network().up(host.address(), false);
        world.simulation().run(2 * SECOND);
        world.network().up(host.address(), true);
        assertTrue(world.simulation().runUntil(client::isDone, 60 * SECOND), () -> "" + client.closed());
    }

    @Test
    void rebindingsOfPortAndAddressAreSurvived() {
        for (boolean address : new boolean[] {false, true}) {
            World world = new World(address ? 4 : 5);
            SimHost host = world.newClientHost(LinkProfile.USUAL);
            Bulk.Client client = new Bulk.Client(world.simulation()::now, TEN_MEGABYTES);
            world.connect(host, client);
            world.simulation().run(SECOND);
            for (int i = 0; i < 2; i++) {
                var seen = world.network().rebind(host.address(), address);
                world.simulation().run(3 * SECOND);
                Connection connection = world.lastConnection();
                assertNotNull(connection);
                assertEquals(seen, connection.path().remote(), "rebinding " + i);
            }
            assertTrue(world.simulation().runUntil(client::isDone, 60 * SECOND), () -> "" + client.closed());
        }
    }

    @Test
    void fiftyHandshakesSurviveThirtyPercentLossOrCorruption() {
        for (boolean loss : new boolean[] {true, false}) {
            for (int i = 0; i < 50; i++) {
                long seed = 1000L + i;
                World world = new World(seed);
                LinkProfile link = loss ? LinkProfile.USUAL.withLoss(0.3, 3) : LinkProfile.USUAL.withCorruption(0.3, 3);
                SimHost host = world.newClientHost(link);
                Bulk.Client client = new Bulk.Client(world.simulation()::now, 1000);
                QuicConfig patient =
                        QuicConfig.builder().handshakeTimeout(60 * SECOND).build();
                world.connect(host, patient, client);
                assertTrue(
                        world.simulation().runUntil(client::isDone, 100 * SECOND),
                        () -> "seed " + seed + " loss " + loss + ": " + client.closed() + " " + client.wrong());
            }
        }
    }

    @Test
    void aHandshakeThatNobodyAnswersEndsInFiveSeconds() {
        World world = new World(9);
        SimHost host = world.newClientHost(LinkProfile.USUAL);
        Bulk.Client client = new Bulk.Client(world.simulation()::now, 1);
        world.network().up(world.server().address(), false);
        long start = world.simulation().now();
        world.connect(host, client);
        assertTrue(world.simulation().runUntil(() -> client.closed() != null, 20 * SECOND));
        CloseReason reason = client.closed();
        assertNotNull(reason);
        assertEquals(CloseReason.Kind.HANDSHAKE_TIMEOUT, reason.kind());
        assertEquals(5.0 * SECOND, (double) (world.simulation().now() - start), SECOND / 10.0);
    }

    @Test
    void anIdleConnectionEndsSilentlyAndOneThatIsKeptAliveDoesNot() {
        World world = new World(10);
        SimHost idle = world.newClientHost(LinkProfile.USUAL);
        SimHost alive = world.newClientHost(LinkProfile.USUAL);
        Bulk.Client idler = new Bulk.Client(world.simulation()::now);
        Bulk.Client keeper = new Bulk.Client(world.simulation()::now);
        world.connect(idle, idler);
        world.connect(alive, QuicConfig.builder().keepAlive(10 * SECOND).build(), keeper);
        world.simulation().run(100 * SECOND);
        CloseReason reason = idler.closed();
        assertNotNull(reason);
        assertEquals(CloseReason.Kind.IDLE_TIMEOUT, reason.kind());
        assertNull(keeper.closed());
        assertEquals(1, world.server().endpoint().connectionCount());
    }
}
