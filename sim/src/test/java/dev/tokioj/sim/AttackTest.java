package dev.tokioj.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportError;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Attacks that were found in other stacks, by a peer that holds the keys, against a production endpoint. */
@Isolated // looks at the heap
final class AttackTest {
    private static final long SECOND = 1_000_000_000L;

    /** CVE-2024-1765: CRYPTO data with a hole at its start, or without end. */
    @Test
    void cryptoDataBeyondTheBufferIsRefusedAtEveryLevel() {
        World world = new World(6);
        RawClient client = world.rawClientConnected();
        for (int i = 0; i < 200 && client.closed() == null; i++) {
            long offset = 1 + i * 1000L;
            client.send(PacketType.ONE_RTT, w -> {
                FrameCodec.writeCryptoHeader(w, offset, 1000);
                w.zeros(1000);
            });
            world.simulation().run(SECOND / 1000 * 5);
        }
        assertClosed(client, TransportError.CRYPTO_BUFFER_EXCEEDED);

        World fresh = new World(7);
        RawClient early = fresh.newRawClient();
        for (int i = 0; i < 200 && early.closed() == null; i++) {
            long offset = 1 + i * 1000L;
            early.send(PacketType.INITIAL, w -> {
                FrameCodec.writeCryptoHeader(w, offset, 1000);
                w.zeros(1000);
            });
            fresh.simulation().run(SECOND / 1000 * 5);
        }
        assertClosed(early, TransportError.CRYPTO_BUFFER_EXCEEDED);

        World between = new World(20);
        RawClient unfinished = handshakeWithoutFinished(between);
        for (int i = 0; i < 200 && unfinished.closed() == null; i++) {
            long offset = 1 + i * 1000L;
            unfinished.send(PacketType.HANDSHAKE, w -> {
                FrameCodec.writeCryptoHeader(w, offset, 1000);
                w.zeros(1000);
            });
            between.simulation().run(SECOND / 1000 * 5);
        }
        assertClosed(unfinished, TransportError.CRYPTO_BUFFER_EXCEEDED);
    }

    private static RawClient handshakeWithoutFinished(World world) {
        RawClient client = world.newRawClient();
        client.withhold(PacketType.HANDSHAKE);
        client.start(
                world.clientTls(),
                SimulationIdentity.NAME,
                client.parameters().build().encode());
        assertTrue(world.simulation().runUntil(client::isComplete, SECOND), () -> "" + client.alert());
        Connection connection = world.lastConnection();
        assertNotNull(connection);
        assertEquals(Connection.State.HANDSHAKING, connection.state());
        return client;
    }

    /** The same in pieces: their number is a setting of its own. */
    @Test
    void cryptoDataInMorePiecesThanSetIsRefusedAtEveryLevel() {
        QuicConfig pieces = QuicConfig.builder().cryptoPieces(5).build();
        for (PacketType type : List.of(PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ONE_RTT)) {
            World world = new World(21, config -> config.server(pieces), LinkProfile.clean(1_000_000, 0, 1000));
            RawClient client = switch (type) {
                case INITIAL -> world.newRawClient();
                case HANDSHAKE -> handshakeWithoutFinished(world);
                default -> world.rawClientConnected();
            };
            for (int i = 1; i <= 6; i++) {
                assertNull(client.closed(), () -> "" + type);
                int offset = 2 * i;
                client.send(type, w -> {
                    FrameCodec.writeCryptoHeader(w, offset, 1);
                    w.u8(0);
                });
                world.simulation().run(SECOND / 100);
            }
            assertClosed(client, TransportError.CRYPTO_BUFFER_EXCEEDED);
        }
    }

    /** CVE-2023-49295: many challenges a packet, with acknowledgements withheld. */
    @Test
    void aFloodOfPathChallengesIsNotQueued() {
        World world = new World(8);
        RawClient client = world.rawClientConnected();
        client.acknowledge(false);
        long before = world.server().bytesOut();
        long heap = 0;
        for (int i = 0; i < 2000; i++) {
            if (i == 200) {
                heap = FuzzCampaign.heap(); // by now everything is loaded and at its size
            }
            long salt = i * 1000L;
            client.send(PacketType.ONE_RTT, w -> {
                for (int j = 0; j < 120; j++) {
                    FrameCodec.writePathChallenge(w, salt + j);
                }
            });
            world.simulation().run(SECOND / 10_000);
        }
        world.simulation().run(SECOND);
        // The congestion window, probes and plain ACKs bound it: nowhere near the 240,000 answers.
        int answers = client.received(Frame.PathResponse.class).size();
        assertTrue(answers > 0 && answers < 20_000, () -> "answers " + answers);
        long sent = world.server().bytesOut() - before;
        assertTrue(sent < 400_000, () -> "bytes " + sent);
        // 216,000 challenges remembered would be 3 MB at the least, and this counts what the attacker itself keeps.
        long grown = FuzzCampaign.heap() - heap;
        assertTrue(grown < 2 << 20, () -> grown + " bytes for " + answers + " answers");
    }

    /** CVE-2024-22189: a rising Retire Prior To with the acknowledgements of RETIRE_CONNECTION_ID withheld. */
    @Test
    void risingRetirePriorToIsBounded() {
        World world = new World(9);
        RawClient client = world.rawClientConnected();
        client.acknowledge(false);
        Random random = new Random(9);
        for (int i = 1; i <= 3000 && client.closed() == null; i++) {
            int sequence = i;
            client.send(PacketType.ONE_RTT, w -> {
                byte[] token = new byte[16];
                random.nextBytes(token);
                byte[] id = new byte[8];
                random.nextBytes(id);
                FrameCodec.writeNewConnectionId(w, sequence, sequence, ConnectionId.of(id), token);
            });
            world.simulation().run(SECOND / 10_000);
        }
        world.simulation().run(SECOND / 10);
        assertClosed(client, TransportError.CONNECTION_ID_LIMIT_ERROR);
    }

    /** CVE-2026-25800 and its like: one byte of a stream at a time, with gaps between, of several connections. */
    @Test
    void fragmentsOfOneByteCostBoundedWorkAndMemory() {
        World world = new World(10);
        int gaps = 100_000;
        int first = Long.BYTES; // the request is not among them
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(world.rawClientConnected());
            clients.get(i).keepFrames(false);
        }
        world.rawClientConnected().send(PacketType.ONE_RTT, w -> {
            FrameCodec.writeStreamHeader(w, 0, 100, 1, false, false); // so that all is loaded
            w.u8(1);
        });
        world.simulation().run(SECOND / 10);
        long heap = FuzzCampaign.heap();
        long start = System.nanoTime();
        for (RawClient client : clients) {
            for (int i = 0; i < gaps; i += 100) {
                int sent = i;
                client.send(PacketType.ONE_RTT, w -> {
                    for (int j = 1; j <= 100; j++) {
                        // From the far end to the near one: the worst order for a sorted list.
                        FrameCodec.writeStreamHeader(w, 0, first + 2L * (gaps - sent - j), 1, false, false);
                        w.u8(1);
                    }
                });
                world.simulation().run(SECOND / 10_000);
            }
        }
        world.simulation().run(SECOND / 10);
        long seconds = (System.nanoTime() - start) / SECOND;
        assertTrue(seconds < 20, () -> seconds + " s");
        // The window, a bit for each of its bytes, and its rounding up to chunks; an entry a gap would be 16 MB at
        // least.
        long bound = clients.size() * (300L << 10) + (3 << 20);
        long grown = FuzzCampaign.heap() - heap;
        assertTrue(grown < bound, () -> grown + " bytes, more than " + bound);
        for (RawClient client : clients) {
            assertNull(client.closed(), "gaps within the window are no fault");
        }
        for (Connection connection : world.connections()) {
            assertEquals(Connection.State.ESTABLISHED, connection.state());
        }
        RawClient filling = clients.getFirst();
        filling.keepFrames(true);
        int end = first + 2 * gaps;
        for (int at = 0; at < end; at += 1000) {
            int offset = at;
            int length = Math.min(1000, end - at);
            filling.send(PacketType.ONE_RTT, w -> {
                FrameCodec.writeStreamHeader(w, 0, offset, length, offset + length == end, false);
                w.zeros(length);
            });
            world.simulation().run(SECOND / 10_000);
        }
        world.simulation().run(SECOND / 10);
        assertTrue(
                filling.received(Frame.Stream.class).stream().anyMatch(Frame.Stream::fin),
                "the request for nothing must have been read to its end and answered");
    }

    /** CVE-2026-75804: the connection's window is the sum over its streams, holes included. */
    @Test
    void flowControlHoldsAcrossStreams() {
        QuicConfig windows = QuicConfig.builder()
                .connectionWindow(1L << 20)
                .streamWindow(256L << 10)
                .build();
        World world = new World(11, config -> config.server(windows), LinkProfile.clean(1_000_000, 0, 1000));
        RawClient client = world.rawClientConnected();
        long nearlyAll = (256L << 10) - 1;
        client.send(PacketType.ONE_RTT, w -> {
            for (long stream = 0; stream < 16; stream += 4) {
                FrameCodec.writeStreamHeader(w, stream, nearlyAll, 1, false, false);
                w.u8(1);
            }
        });
        world.simulation().run(SECOND / 10);
        assertNull(client.closed(), "four stream windows fit the connection's");
        client.send(PacketType.ONE_RTT, w -> {
            FrameCodec.writeStreamHeader(w, 16, nearlyAll, 1, false, false);
            w.u8(1);
        });
        world.simulation().run(SECOND / 10);
        assertClosed(client, TransportError.FLOW_CONTROL_ERROR);
    }

    /** quicly 2026-01: a reset's final size counts, and may not lie beyond the window or change. */
    @Test
    void finalSizesOfResetsAreChecked() {
        World world = new World(15);
        RawClient beyond = world.rawClientConnected();
        beyond.send(PacketType.ONE_RTT, w -> FrameCodec.writeResetStream(w, 0, 0, (256L << 10) + 1));
        world.simulation().run(SECOND / 10);
        assertClosed(beyond, TransportError.FLOW_CONTROL_ERROR);
        RawClient changing = world.rawClientConnected();
        changing.send(PacketType.ONE_RTT, w -> {
            FrameCodec.writeStreamHeader(w, 0, 100, 10, false, false);
            w.zeros(10);
            FrameCodec.writeResetStream(w, 0, 0, 50);
        });
        world.simulation().run(SECOND / 10);
        assertClosed(changing, TransportError.FINAL_SIZE_ERROR);
    }

    /** Optimistic acknowledgements: of what was never sent. */
    @Test
    void acknowledgingWhatWasNotSentIsRefused() {
        World world = new World(12);
        RawClient client = world.rawClientConnected();
        client.send(PacketType.ONE_RTT, w -> FrameCodec.writeAck(w, 0, new long[] {0, 1_000_000}, 0, 1, -1, -1, -1));
        world.simulation().run(SECOND / 10);
        assertClosed(client, TransportError.PROTOCOL_VIOLATION);
    }

    /** A closed connection answers less and less often, and a draining one not at all. */
    @Test
    void aFloodAfterTheCloseIsAnsweredRarely() {
        World world = new World(13);
        RawClient client = world.rawClientConnected();
        client.send(PacketType.ONE_RTT, FrameCodec::writeHandshakeDone);
        world.simulation().run(SECOND / 100);
        assertClosed(client, TransportError.PROTOCOL_VIOLATION);
        long before = client.datagramsReceived();
        for (int i = 0; i < 1000; i++) {
            client.send(PacketType.ONE_RTT, FrameCodec::writePing);
        }
        world.simulation().run(SECOND / 100);
        long answers = client.datagramsReceived() - before;
        assertTrue(answers <= 12, () -> answers + " answers");
        world.simulation().run(60 * SECOND);
        assertEquals(0, world.server().endpoint().connectionCount());
        assertEquals(0, world.server().armedTimers());
    }

    /** Nothing of the above is a matter of the honest: a well-behaved raw client stays connected. */
    @Test
    void aRawClientThatBehavesIsNotClosed() {
        World world = new World(14);
        RawClient client = world.rawClientConnected();
        client.send(PacketType.ONE_RTT, FrameCodec::writePing);
        world.simulation().run(SECOND / 10);
        assertNull(client.closed());
        assertEquals(1, client.received(Frame.HandshakeDone.class).size());
    }

    private static void assertClosed(RawClient client, TransportError error) {
        Frame.ConnectionClose close = client.closed();
        assertNotNull(close, "the server did not close");
        assertEquals(error.code(), close.errorCode(), close::toString);
    }
}
