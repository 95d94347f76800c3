package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.tls.TlsAlertException;
import dev.tokioj.tls.TlsEngine;
import dev.tokioj.tls.TlsEvent;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server refuses a client's transport parameters (RFC 9000 7.3, 7.4 and 18.2); numbers of h3spec's cases. */
class TransportParametersRefusalTest {
    private static final ConnectionId CLIENT_ID = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

    /** Parameters that are refused. */
    @SuppressWarnings("ImmutableEnumChecker") // lambdas that hold nothing
    enum Case {
        NO_INITIAL_SOURCE_ID_3(_ -> {}),
        ORIGINAL_DESTINATION_ID_4(own().andThen(w -> w.varInt(0x00).varInt(8).zeros(8))),
        PREFERRED_ADDRESS_5(own().andThen(w -> w.varInt(0x0d)
                .varInt(4 + 2 + 16 + 2 + 1 + 8 + 16)
                .zeros(24)
                .u8(8)
                .zeros(8 + 16))),
        RETRY_SOURCE_ID_6(own().andThen(w -> w.varInt(0x10).varInt(8).zeros(8))),
        RESET_TOKEN_7(own().andThen(w -> w.varInt(0x02).varInt(5).zeros(5))),
        SMALL_PAYLOAD_8(own().andThen(w -> w.varInt(0x03).varInt(2).varInt(1090))),
        ACK_DELAY_EXPONENT_9(own().andThen(w -> w.varInt(0x0a).varInt(1).varInt(30))),
        MAX_ACK_DELAY_10(own().andThen(w -> w.varInt(0x0b).varInt(4).varInt(1 << 15))),
        OTHER_INITIAL_SOURCE_ID(w -> w.varInt(0x0f).varInt(8).zeros(8)),
        TWICE(own().andThen(own()));

        private final Consumer<ByteWriter> parameters;

        Case(Consumer<ByteWriter> parameters) {
            this.parameters = parameters;
        }

        private static Consumer<ByteWriter> own() {
            return w -> w.varInt(0x0f).varInt(8).bytes(CLIENT_ID.toBytes());
        }
    }

    @ParameterizedTest
    @EnumSource
    void refused(Case c) throws TlsAlertException {
        var pair = new Pair(200 + c.name().length());
        var w = new ByteWriter().reset(new byte[256], 0, 256);
        c.parameters.accept(w);
        byte[] hello = hello(pair, Arrays.copyOf(w.array(), w.position()));
        byte[] datagram = Forge.initial(ConnectionId.random(pair.random, 8), CLIENT_ID, new byte[0], 1200, frames -> {
            FrameCodec.writeCryptoHeader(frames, 0, hello.length);
            frames.bytes(hello);
        });
        pair.inject(datagram, Pair.CLIENT, Pair.SERVER);
        pair.settle();
        CloseReason reason = pair.server.app().closed;
        assertNotNull(reason);
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR.code(), reason.code(), reason.toString());
    }

    private static byte[] hello(Pair pair, byte[] parameters) throws TlsAlertException {
        TlsEngine engine = TlsEngine.client(TestTls.client(pair.random), "localhost", parameters);
        engine.start();
        for (TlsEvent e = engine.poll(); e != null; e = engine.poll()) {
            if (e instanceof TlsEvent.CryptoData(var _, var data)) {
                return data;
            }
        }
        throw new AssertionError("no ClientHello");
    }
}
