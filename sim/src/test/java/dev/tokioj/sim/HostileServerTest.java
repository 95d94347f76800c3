package dev.tokioj.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportError;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Attacks by a server that holds the keys, against a production client. */
@Isolated // looks at the heap
final class HostileServerTest {
    private static final long SECOND = 1_000_000_000L;

    /** A client whose handshake with a hostile server is complete. */
    private static final class Meeting {
        final World world;
        final RawServer server;
        final Bulk.Client handler;
        final Connection client;

        Meeting(long seed) {
            this(seed, QuicConfig.defaults());
        }

        Meeting(long seed, QuicConfig config) {
            world = new World(seed);
            server = world.newRawServer();
            handler = new Bulk.Client(world.simulation()::now);
            client = world.newClientHost(LinkProfile.clean(1_000_000, 0, 100_000))
                    .connect(config, world.clientTls(), SimulationIdentity.NAME, server.address(), handler);
            if (!world.simulation().runUntil(() -> handler.isReady() && server.isComplete(), SECOND)) {
                throw new IllegalStateException(
                        "seed " + seed + ": no handshake: " + server.alert() + ", " + handler.closed());
            }
            run(SECOND / 20);
        }

        void run(long nanos) {
            world.simulation().run(nanos);
        }

        void newConnectionId(Random random, long sequence, long retirePriorTo) {
            byte[] id = new byte[8];
            random.nextBytes(id);
            byte[] token = new byte[16];
            random.nextBytes(token);
            server.send(
                    PacketType.ONE_RTT,
                    w -> FrameCodec.writeNewConnectionId(w, sequence, retirePriorTo, ConnectionId.of(id), token));
        }

        void assertClosed(TransportError error) {
            CloseReason reason = handler.closed();
            assertNotNull(reason, "the client did not close");
            assertEquals(CloseReason.Kind.LOCAL_TRANSPORT, reason.kind(), reason::toString);
            assertEquals(error.code(), reason.code(), reason::toString);
            Frame.ConnectionClose told = server.closed();
            assertNotNull(told, "the server was not told");
            assertEquals(error.code(), told.errorCode(), told::toString);
        }
    }

    @Test
    void aRawServerThatBehavesIsNotLeft() {
        var m = new Meeting(1);
        m.server.send(PacketType.ONE_RTT, FrameCodec::writePing);
        m.run(SECOND / 10);
        assertNull(m.handler.closed());
        assertEquals(Connection.State.ESTABLISHED, m.client.state());
    }

    @Test
    void moreConnectionIdsThanAllowedAreRefused() {
        var m = new Meeting(2);
        Random random = new Random(2);
        for (int i = 1; i <= 3; i++) {
            m.newConnectionId(random, i, 0);
        }
        m.run(SECOND / 100);
        assertNull(m.handler.closed(), "the limit of four is the handshake's and three more");
        m.newConnectionId(random, 4, 0);
        m.run(SECOND / 100);
        m.assertClosed(TransportError.CONNECTION_ID_LIMIT_ERROR);
    }

    /** CVE-2024-22189 the other way round. */
    @Test
    void risingRetirePriorToIsBounded() {
        var m = new Meeting(3);
        m.server.acknowledge(false);
        Random random = new Random(3);
        int sent = 0;
        while (sent < 3000 && m.handler.closed() == null) {
            sent++;
            m.newConnectionId(random, sent, sent);
            m.run(SECOND / 10_000);
        }
        m.run(SECOND / 100);
        m.assertClosed(TransportError.CONNECTION_ID_LIMIT_ERROR);
        int frames = sent;
        assertTrue(frames < 100, () -> frames + " frames");
    }

    @Test
    void sequenceNumbersWithTooManyHolesAreRefused() {
        var m = new Meeting(4, QuicConfig.builder().connectionIdHoles(6).build());
        Random random = new Random(4);
        for (int i = 1; i <= 6; i++) {
            m.newConnectionId(random, 2L * i, 2L * i);
            m.run(SECOND / 100);
        }
        assertNull(m.handler.closed());
        m.newConnectionId(random, 14, 14);
        m.run(SECOND / 100);
        m.assertClosed(TransportError.CONNECTION_ID_LIMIT_ERROR);
    }

    @Test
    void aTokenLongerThanTheLimitIsNotKept() {
        var m = new Meeting(5, QuicConfig.builder().maxTokenLength(100).build());
        byte[] longest = new byte[100];
        Arrays.fill(longest, (byte) 1);
        byte[] longer = new byte[101];
        m.server.send(PacketType.ONE_RTT, w -> FrameCodec.writeNewToken(w, longest, 0, longest.length));
        m.server.send(PacketType.ONE_RTT, w -> FrameCodec.writeNewToken(w, longer, 0, longer.length));
        m.run(SECOND / 100);
        assertArrayEquals(longest, m.client.newToken());
        assertNull(m.handler.closed());
    }

    @Test
    void aFloodOfTokensIsClosedAndNoneButTheLastIsKept() {
        var m = new Meeting(6);
        m.server.keepFrames(false);
        m.server.acknowledge(false);
        byte[] token = new byte[500];
        long heap = 0;
        int sent = 0;
        while (sent < 20_000 && m.handler.closed() == null) {
            m.server.send(PacketType.ONE_RTT, w -> {
                FrameCodec.writeNewToken(w, token, 0, token.length);
                FrameCodec.writeNewToken(w, token, 0, token.length);
            });
            sent += 2;
            m.run(SECOND / 10_000);
            if (sent == 4000) {
                heap = FuzzCampaign.heap(); // by now everything is loaded and at its size
            } else if (sent == 9900) {
                long grown = FuzzCampaign.heap() - heap; // 5900 tokens would be 3 MB
                assertTrue(grown < 1 << 20, () -> grown + " bytes");
                assertNull(m.handler.closed());
            }
        }
        m.run(SECOND / 100);
        m.assertClosed(TransportError.PROTOCOL_VIOLATION);
        int frames = sent;
        assertTrue(frames > 10_000 && frames <= 10_100, () -> frames + " frames");
    }

    @Test
    void streamsBeyondTheLimitAreRefused() {
        QuicConfig config =
                QuicConfig.builder().maxBidiStreams(10).maxUniStreams(3).build();
        for (long beyond : new long[] {4 * 10 + 1, 4 * 3 + 3}) {
            var m = new Meeting(7, config);
            m.server.send(PacketType.ONE_RTT, w -> {
                FrameCodec.writeStreamHeader(w, beyond, 0, 1, false, false);
                w.u8(1);
            });
            m.run(SECOND / 100);
            m.assertClosed(TransportError.STREAM_LIMIT_ERROR);
        }
    }

    @Test
    void aStreamOfTheClientsThatItNeverOpenedIsRefused() {
        var m = new Meeting(8);
        m.server.send(PacketType.ONE_RTT, w -> FrameCodec.writeStreamHeader(w, 0, 0, 0, true, false));
        m.run(SECOND / 100);
        m.assertClosed(TransportError.STREAM_STATE_ERROR);
    }

    @Test
    void maxStreamsAboveTheEncodableIsRefused() {
        for (int type : new int[] {FrameType.MAX_STREAMS_BIDI, FrameType.MAX_STREAMS_UNI}) {
            var m = new Meeting(9);
            m.server.send(PacketType.ONE_RTT, w -> w.u8(type).varInt(FrameCodec.MAX_STREAMS));
            m.run(SECOND / 100);
            assertNull(m.handler.closed(), "2^60 is allowed");
            m.server.send(PacketType.ONE_RTT, w -> w.u8(type).varInt(FrameCodec.MAX_STREAMS + 1));
            m.run(SECOND / 100);
            m.assertClosed(TransportError.FRAME_ENCODING_ERROR);
        }
    }

    /** CVE-2023-49295 the other way round: challenges are not queued, and too many are closed. */
    @Test
    void aFloodOfPathChallengesIsBoundedAndClosed() {
        var m = new Meeting(10);
        m.server.acknowledge(false);
        int sent = 0;
        while (sent < 100_000 && m.handler.closed() == null) {
            long salt = sent;
            m.server.send(PacketType.ONE_RTT, w -> {
                for (int i = 0; i < 100; i++) {
                    FrameCodec.writePathChallenge(w, salt + i);
                }
            });
            sent += 100;
            m.run(SECOND / 10_000);
        }
        m.run(SECOND / 100);
        m.assertClosed(TransportError.PROTOCOL_VIOLATION);
        int challenges = sent;
        assertTrue(challenges <= 15_000, () -> challenges + " challenges"); // 10,000, and what was under way
        int answers = m.server.received(Frame.PathResponse.class).size();
        assertTrue(answers > 0 && answers < 5000, () -> answers + " answers");
    }

    @Test
    void retiringAConnectionIdThatWasNeverGivenIsRefused() {
        var m = new Meeting(11);
        m.server.send(PacketType.ONE_RTT, w -> FrameCodec.writeRetireConnectionId(w, 1000));
        m.run(SECOND / 100);
        m.assertClosed(TransportError.PROTOCOL_VIOLATION);
    }
}
