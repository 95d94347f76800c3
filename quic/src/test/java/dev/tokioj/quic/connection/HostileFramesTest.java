package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.TransportError;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server answers to packets that break the rules; the numbers are those of h3spec's cases. */
class HostileFramesTest {

    /** One broken rule, and the code of the close it must lead to. */
    @SuppressWarnings("ImmutableEnumChecker") // lambdas that hold nothing
    enum Case {
        STREAM_BEYOND_WINDOW_1(TransportError.FLOW_CONTROL_ERROR, w -> {
            FrameCodec.writeStreamHeader(w, 0, 100_000_000, 7, true, false);
            w.zeros(7);
        }),
        STREAM_BEYOND_LIMIT_2(TransportError.STREAM_LIMIT_ERROR, w -> {
            FrameCodec.writeStreamHeader(w, 1_000_000_000, 0, 7, false, false);
            w.zeros(7);
        }),
        UNKNOWN_FRAME_11(TransportError.FRAME_ENCODING_ERROR, w -> w.u8(0x20)),
        NO_FRAME_12(TransportError.PROTOCOL_VIOLATION, _ -> {}),
        RESET_OF_SEND_ONLY_16(TransportError.STREAM_STATE_ERROR, w -> FrameCodec.writeResetStream(w, 3, 0, 0)),
        STOP_OF_UNOPENED_17(TransportError.STREAM_STATE_ERROR, w -> FrameCodec.writeStopSending(w, 101, 0)),
        NEW_TOKEN_18(TransportError.PROTOCOL_VIOLATION, w -> FrameCodec.writeNewToken(w, new byte[8], 0, 8)),
        STREAM_OF_UNOPENED_19(TransportError.STREAM_STATE_ERROR, w -> stream(w, 1)),
        STREAM_OF_SEND_ONLY_20(TransportError.STREAM_STATE_ERROR, w -> stream(w, 3)),
        MAX_STREAM_DATA_OF_UNOPENED_21(
                TransportError.STREAM_STATE_ERROR, w -> FrameCodec.writeMaxStreamData(w, 101, 1000)),
        MAX_STREAM_DATA_OF_RECEIVE_ONLY_22(
                TransportError.STREAM_STATE_ERROR, w -> FrameCodec.writeMaxStreamData(w, 2, 1000)),
        MAX_STREAMS_TOO_BIG_23(
                TransportError.FRAME_ENCODING_ERROR, w -> w.u8(0x12).varInt((1L << 60) + 1)),
        STREAMS_BLOCKED_TOO_BIG_24(
                TransportError.FRAME_ENCODING_ERROR, w -> w.u8(0x16).varInt((1L << 60) + 1)),
        NEW_CONNECTION_ID_RETIRES_ITSELF_25(
                TransportError.FRAME_ENCODING_ERROR,
                w -> FrameCodec.writeNewConnectionId(w, 1, 11, ConnectionId.of(new byte[8]), new byte[16])),
        NEW_CONNECTION_ID_EMPTY_26(
                TransportError.FRAME_ENCODING_ERROR,
                w -> w.u8(0x18).varInt(1).varInt(0).u8(0).zeros(16)),
        HANDSHAKE_DONE_27(TransportError.PROTOCOL_VIOLATION, FrameCodec::writeHandshakeDone),
        TLS_KEY_UPDATE_29(0x10a, w -> {
            FrameCodec.writeCryptoHeader(w, 0, 5);
            w.bytes(HexFormat.of().parseHex("1800000100"));
        }),
        RETIRES_UNISSUED_ID(TransportError.PROTOCOL_VIOLATION, w -> FrameCodec.writeRetireConnectionId(w, 99)),
        CRYPTO_TOO_FAR_AHEAD(TransportError.CRYPTO_BUFFER_EXCEEDED, w -> {
            FrameCodec.writeCryptoHeader(w, 70_000, 1);
            w.u8(0);
        }),
        DATAGRAM_NOT_OFFERED(TransportError.PROTOCOL_VIOLATION, w -> FrameCodec.writeDatagram(w, new byte[4], 0, 4)),
        ACK_OF_UNSENT(
                TransportError.PROTOCOL_VIOLATION,
                w -> FrameCodec.writeAck(w, 0, new long[] {0, 1_000_000}, 0, 1, -1, -1, -1));

        private final long code;
        private final Consumer<ByteWriter> frames;

        Case(TransportError error, Consumer<ByteWriter> frames) {
            this(error.code(), frames);
        }

        Case(long code, Consumer<ByteWriter> frames) {
            this.code = code;
            this.frames = frames;
        }

        private static void stream(ByteWriter w, long id) {
            FrameCodec.writeStreamHeader(w, id, 0, 4, false, false);
            w.zeros(4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void serverClosesWithTheCodeOfTheRule(Case c) {
        var pair = new Pair(100 + c.name().hashCode());
        TestApp client = pair.connected();
        byte[] packet = Forge.oneRtt(client.connection(), pair.now, c.frames);
        pair.inject(packet, Pair.CLIENT, Pair.SERVER);
        pair.settle();
        assertClosed(pair, client, c.code);
    }

    private static void assertClosed(Pair pair, TestApp client, long code) {
        CloseReason at = pair.server.app().closed;
        assertNotNull(at, "the server goes on");
        assertEquals(CloseReason.Kind.LOCAL_TRANSPORT, at.kind());
        assertEquals(TransportError.name(code), TransportError.name(at.code()), at.toString());
        CloseReason seen = client.closed;
        assertNotNull(seen, "the client was not told");
        assertEquals(CloseReason.Kind.PEER_TRANSPORT, seen.kind());
        assertEquals(TransportError.name(code), TransportError.name(seen.code()), seen.toString());
    }

    @Test
    void reservedBitsOfAShortHeader15() {
        var pair = new Pair(31);
        TestApp client = pair.connected();
        Connection c = client.connection();
        byte[] packet =
                Forge.packet(c, Forge.transport(c).application, pair.now, FrameCodec::writePing, buf -> buf[0] |= 0x08);
        pair.inject(packet, Pair.CLIENT, Pair.SERVER);
        pair.settle();
        assertClosed(pair, client, TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void reservedBitsOfAHandshakePacket13() {
        handshakePacket(FrameCodec::writePing, buf -> buf[0] |= 0x08, TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void pathChallengeInAHandshakePacket14() {
        handshakePacket(w -> FrameCodec.writePathChallenge(w, 1), _ -> {}, TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void streamInAHandshakePacket() {
        handshakePacket(w -> FrameCodec.writeStreamHeader(w, 0, 0, 0, true, false), _ -> {}, 0x0a);
    }

    /** Sends a Handshake packet between the server's flight and the client's Finished. */
    private static void handshakePacket(Consumer<ByteWriter> frames, Consumer<byte[]> header, long code) {
        var pair = new Pair(32);
        TestApp client = pair.connect();
        pair.run(() -> client.completed == 1);
        Connection c = client.connection();
        byte[] packet = Forge.packet(c, Forge.transport(c).handshakeSpace, pair.now, frames, header);
        pair.inject(packet, Pair.CLIENT, Pair.SERVER);
        pair.settle();
        assertClosed(pair, client, code);
    }

    @Test
    void noCommonApplicationProtocol30() {
        var pair = new Pair(33);
        var app = new TestApp();
        app.clock = pair::later;
        var tls = TestTls.client(
                pair.random,
                "dummy",
                java.util.List.of(dev.tokioj.tls.NamedGroup.X25519),
                java.util.List.of(dev.tokioj.tls.CipherSuite.TLS_AES_128_GCM_SHA256));
        pair.client.endpoint.connect(
                pair.now,
                pair.clientConfig,
                tls,
                "localhost",
                new dev.tokioj.quic.path.NetPath(0, Pair.CLIENT, Pair.SERVER),
                app);
        pair.settle();
        assertNotNull(app.closed);
        assertEquals(0x178, app.closed.code());
        assertEquals(0, pair.server.endpoint.halfOpenCount());
    }

    @Test
    void pingFloodIsClosedAndHonestTrafficIsNot() {
        var config = QuicConfig.builder().nonProgressFrames(500).build();
        var pair = new Pair(34, QuicConfig.defaults(), config, EndpointConfig.builder());
        TestApp client = pair.connected();
        Consumer<ByteWriter> pings = w -> {
            for (int i = 0; i < 100; i++) {
                FrameCodec.writePing(w);
            }
        };
        for (int i = 0; i < 4; i++) {
            pair.inject(Forge.oneRtt(client.connection(), pair.now, pings), Pair.CLIENT, Pair.SERVER);
        }
        pair.settle();
        assertNull(pair.server.app().closed);
        for (int i = 0; i < 2; i++) {
            pair.inject(Forge.oneRtt(client.connection(), pair.now, pings), Pair.CLIENT, Pair.SERVER);
        }
        pair.settle();
        assertClosed(pair, client, TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void pathChallengeFloodIsBounded() {
        var config = QuicConfig.builder().pathResponses(4).build();
        var pair = new Pair(35, QuicConfig.defaults(), config, EndpointConfig.builder());
        TestApp client = pair.connected();
        long[] answered = {0};
        int before = pair.server.sentDatagrams;
        pair.inject(
                Forge.oneRtt(client.connection(), pair.now, w -> {
                    for (int i = 0; i < 100; i++) {
                        FrameCodec.writePathChallenge(w, i);
                    }
                }),
                Pair.CLIENT,
                Pair.SERVER);
        Transport t = Forge.transport(pair.server.app().connection());
        pair.run(() -> {
            answered[0] = Math.max(answered[0], t.responses.size());
            return pair.server.sentDatagrams > before;
        });
        assertTrue(answered[0] <= 4, "kept " + answered[0]);
        pair.settle();
        assertNull(pair.server.app().closed);
    }

    @Test
    void newConnectionIdFloodIsClosed() {
        var pair = new Pair(36);
        TestApp client = pair.connected();
        pair.network = d -> d.toServer() ? d : null; // what the server retires is never acknowledged
        for (int i = 10; i < 30 && pair.server.app().closed == null; i++) {
            int seq = i;
            byte[] id = new byte[8];
            pair.random.nextBytes(id);
            pair.inject(
                    Forge.oneRtt(
                            client.connection(),
                            pair.now,
                            w -> FrameCodec.writeNewConnectionId(w, seq, seq, ConnectionId.of(id), new byte[16])),
                    Pair.CLIENT,
                    Pair.SERVER);
            pair.runFor(Pair.MILLI);
        }
        CloseReason reason = pair.server.app().closed;
        assertNotNull(reason);
        assertEquals(TransportError.CONNECTION_ID_LIMIT_ERROR.code(), reason.code());
    }

    @Test
    void tooManyConnectionIds() {
        var pair = new Pair(37);
        TestApp client = pair.connected();
        pair.inject(
                Forge.oneRtt(client.connection(), pair.now, w -> {
                    for (int i = 10; i < 16; i++) {
                        byte[] id = new byte[8];
                        pair.random.nextBytes(id);
                        FrameCodec.writeNewConnectionId(w, i, 0, ConnectionId.of(id), new byte[16]);
                    }
                }),
                Pair.CLIENT,
                Pair.SERVER);
        pair.settle();
        assertClosed(pair, client, TransportError.CONNECTION_ID_LIMIT_ERROR.code());
    }

    @Test
    void retiringTheIdThatCarriesTheFrame() {
        var pair = new Pair(38);
        TestApp client = pair.connected();
        long sequence =
                Forge.transport(client.connection()).paths.active().cid().sequence();
        pair.inject(
                Forge.oneRtt(client.connection(), pair.now, w -> FrameCodec.writeRetireConnectionId(w, sequence)),
                Pair.CLIENT,
                Pair.SERVER);
        pair.settle();
        assertClosed(pair, client, TransportError.PROTOCOL_VIOLATION.code());
    }

    @Test
    void acknowledgingASkippedNumber() {
        var pair = new Pair(39);
        pair.prepare = app -> app.echo = true;
        TestApp client = pair.connected();
        long id = client.send(true, new byte[2_000_000]);
        pair.run(() -> client.finished(id));
        Transport server = Forge.transport(pair.server.app().connection());
        long largest = server.application.sent.largestSent();
        pair.inject(
                Forge.oneRtt(
                        client.connection(),
                        pair.now,
                        w -> FrameCodec.writeAck(w, 0, new long[] {0, largest}, 0, 1, -1, -1, -1)),
                Pair.CLIENT,
                Pair.SERVER);
        pair.settle();
        assertClosed(pair, client, TransportError.PROTOCOL_VIOLATION.code());
    }
}
