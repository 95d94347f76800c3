package dev.tokioj.sim;

import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/**
 * A server under mutated datagrams: from clients that hold the keys and spoil the plaintext of frames, and from a stranger
 * who spoils datagrams he has seen. All the while an honest client must be served and the heap must stay where it was.
 */
public final class FuzzCampaign {
    private static final long SECOND = 1_000_000_000L;
    private static final int ATTACKERS = 16;
    private static final int SEEN = 64;
    private static final int PACKETS_PER_ROUND = 50;

    private final World world;
    private final Random random;
    private final FrameFuzzer frames;
    private final List<RawClient> insiders = new ArrayList<>();
    private final Deque<byte[]> seen = new ArrayDeque<>();
    private final RawClient stranger;
    private long datagrams;
    private long honestTransfers;
    private long insidersClosed;

    /** A campaign; the same seed sends the same datagrams. */
    public FuzzCampaign(long seed) {
        world = new World(seed, config -> config.maxHalfOpen(256), LinkProfile.clean(1_000_000, 0, 100_000));
        random = new Random(seed);
        frames = new FrameFuzzer(random);
        stranger = world.newRawClient();
        // It would keep what it cannot open, and the heap that is watched here would be its own.
        stranger.reacts(false);
    }

    /** Datagrams sent by attackers so far. */
    public long datagrams() {
        return datagrams;
    }

    /** Transfers that honest clients completed so far. */
    public long honestTransfers() {
        return honestTransfers;
    }

    /** Attackers' connections that the server closed so far. */
    public long insidersClosed() {
        return insidersClosed;
    }

    /** Connections that the server holds now. */
    public int connections() {
        return world.server().endpoint().connectionCount();
    }

    /**
     * A round: attackers send, then an honest client is served.
     *
     * @throws IllegalStateException with the seed when the honest client is not served
     */
    public void round() {
        while (insiders.size() < ATTACKERS) {
            RawClient client = world.rawClient();
            client.keepFrames(random.nextInt(4) == 0);
            client.acknowledge(random.nextBoolean());
            insiders.add(client);
        }
        for (int i = 0; i < PACKETS_PER_ROUND; i++) {
            insiderSends(insiders.get(random.nextInt(ATTACKERS)));
            strangerSends();
            if (random.nextInt(4) == 0) {
                world.simulation().run(random.nextLong(SECOND / 1000));
            }
        }
        world.simulation().run(SECOND / 100);
        insiders.removeIf(client -> {
            boolean over = client.closed() != null || client.alert() != null || random.nextInt(64) == 0;
            insidersClosed += client.closed() != null ? 1 : 0;
            if (over) {
                world.network().detach(client.address());
            }
            return over;
        });
        serveHonestClient();
    }

    private void insiderSends(RawClient client) {
        PacketType type = client.isComplete()
                ? PacketType.ONE_RTT
                : random.nextBoolean() ? PacketType.INITIAL : PacketType.HANDSHAKE;
        if (type != PacketType.INITIAL && !client.hasKeys(type)) {
            type = PacketType.INITIAL;
        }
        if (random.nextInt(8) == 0) {
            client.skipPacketNumbers(type, random.nextInt(1000));
        }
        byte[] packet = client.seal(type, random.nextInt(50) == 0 ? FrameCodec::writePing : frames::write);
        remember(packet);
        client.sendDatagram(packet);
        datagrams++;
    }

    private void strangerSends() {
        byte[] datagram;
        byte[] old = seen.isEmpty() || random.nextInt(8) == 0 ? null : pick();
        if (old == null) {
            datagram = new byte[random.nextInt(1500)];
            random.nextBytes(datagram);
        } else {
            datagram = Arrays.copyOf(old, Math.max(0, old.length + random.nextInt(65) - 32));
            for (int i = random.nextInt(8); i > 0 && datagram.length > 0; i--) {
                // The front is where the headers are.
                int at = random.nextInt(random.nextBoolean() ? Math.min(64, datagram.length) : datagram.length);
                datagram[at] = (byte) random.nextInt(256);
            }
        }
        stranger.sendDatagram(datagram);
        datagrams++;
    }

    private byte[] pick() {
        int skip = random.nextInt(seen.size());
        for (byte[] each : seen) {
            if (skip-- == 0) {
                return each;
            }
        }
        throw new IllegalStateException("the deque changed");
    }

    private void remember(byte[] packet) {
        seen.addLast(packet.clone());
        if (seen.size() > SEEN) {
            seen.removeFirst();
        }
    }

    private void serveHonestClient() {
        SimHost host = world.newClientHost(LinkProfile.clean(1_000_000, 0, 1000));
        Bulk.Client honest = new Bulk.Client(world.simulation()::now, 20_000);
        var connection = world.connect(host, honest);
        if (!world.simulation().runUntil(honest::isDone, 5 * SECOND)) {
            throw new IllegalStateException("seed " + world.simulation().seed() + ", after " + datagrams
                    + " datagrams: an honest client was not served: " + honest.closed() + " " + honest.wrong());
        }
        honestTransfers++;
        connection.close(0, "");
        world.simulation().run(SECOND);
        world.network().detach(host.address());
        world.forgetClosed();
    }

    /** Bytes of heap in use, after a collection. */
    public static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
