package dev.tokioj.tls;

import static dev.tokioj.tls.Edits.adding;
import static dev.tokioj.tls.Edits.bytes;
import static dev.tokioj.tls.Edits.change;
import static dev.tokioj.tls.Edits.flipped;
import static dev.tokioj.tls.Edits.joined;
import static dev.tokioj.tls.Edits.message;
import static dev.tokioj.tls.Edits.setting;
import static dev.tokioj.tls.Edits.shortened;
import static dev.tokioj.tls.Edits.without;
import static dev.tokioj.tls.Parties.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.tokioj.tls.HandshakeMessage.ClientHello;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Clients that break the rules or cannot agree, and the alert that the server answers with. */
class ServerRefusalTest {
    private static final long PROTOCOL_VIOLATION = 0x0a;

    private static void refuses(TlsAlert alert, UnaryOperator<byte[]> edit, String what) {
        Pair pair = Parties.pair();
        pair.path = change(Pair.Side.CLIENT, HandshakeType.CLIENT_HELLO, edit);
        assertRefused(Pair.Side.SERVER, alert, pair, what);
    }

    private static UnaryOperator<byte[]> hello(UnaryOperator<ClientHello> edit) {
        return message -> HandshakeCodec.encode(edit.apply(Edits.clientHello(message)));
    }

    @Test
    void compatibilityModeIsAProtocolViolation() {
        Pair pair = Parties.pair();
        pair.path = change(
                Pair.Side.CLIENT,
                HandshakeType.CLIENT_HELLO,
                hello(m ->
                        new ClientHello(0x0303, m.random(), new byte[32], m.cipherSuites(), bytes(0), m.extensions())));
        assertRefused(Pair.Side.SERVER, TlsAlert.ILLEGAL_PARAMETER, PROTOCOL_VIOLATION, pair, "session ID");
    }

    @Test
    void versionsAndCompression() {
        refuses(TlsAlert.PROTOCOL_VERSION, without(ExtensionType.SUPPORTED_VERSIONS), "no supported_versions");
        refuses(
                TlsAlert.PROTOCOL_VERSION,
                setting(ExtensionType.SUPPORTED_VERSIONS, ExtensionCodec.clientVersions(0x0303, 0x7a7a)),
                "no TLS 1.3");
        refuses(
                TlsAlert.PROTOCOL_VERSION,
                hello(m -> new ClientHello(0x0303, m.random(), bytes(), m.cipherSuites(), bytes(0), Extensions.NONE)),
                "no extensions");
        for (byte[] compression : List.of(bytes(1), bytes(0, 1))) {
            refuses(
                    TlsAlert.ILLEGAL_PARAMETER,
                    hello(m -> new ClientHello(
                            0x0303, m.random(), bytes(), m.cipherSuites(), compression, m.extensions())),
                    "compression");
        }
    }

    @Test
    void missingExtensions() {
        refuses(TlsAlert.MISSING_EXTENSION, without(ExtensionType.SIGNATURE_ALGORITHMS), "signature_algorithms");
        refuses(TlsAlert.MISSING_EXTENSION, without(ExtensionType.SUPPORTED_GROUPS), "supported_groups");
        refuses(TlsAlert.MISSING_EXTENSION, without(ExtensionType.KEY_SHARE), "key_share");
        refuses(TlsAlert.MISSING_EXTENSION, without(ExtensionType.QUIC_TRANSPORT_PARAMETERS), "parameters");
        refuses(
                TlsAlert.MISSING_EXTENSION,
                message -> adding(0xffa5, 1)
                        .apply(without(ExtensionType.QUIC_TRANSPORT_PARAMETERS).apply(message)),
                "transport parameters under the draft's code point");
    }

    @Test
    void extensionsThatMustNotBe() {
        refuses(TlsAlert.ILLEGAL_PARAMETER, adding(ExtensionType.KEY_SHARE.code(), 0, 0), "a known one twice");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                message -> adding(0x1111, 0).apply(adding(0x1111, 0).apply(message)),
                "an unknown one twice");
        refuses(TlsAlert.ILLEGAL_PARAMETER, adding(ExtensionType.OID_FILTERS.code()), "one of other messages");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                message -> adding(0x1111)
                        .apply(adding(ExtensionType.PRE_SHARED_KEY.code()).apply(message)),
                "pre_shared_key not last");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                Edits.extensions(list -> {
                    for (int i = 0; i < 64; i++) {
                        list.add(new Extensions.Extension(0x2000 + i, bytes()));
                    }
                    return list;
                }),
                "too many");
    }

    @Test
    void unknownValuesAreIgnored() throws TlsAlertException {
        TlsEngine client = TlsEngine.client(Parties.client().build(), "example.org", bytes());
        client.start();
        byte[] sent = ((TlsEvent.CryptoData) Objects.requireNonNull(client.poll())).data();
        byte[] more = adding(0x8a8a, 1, 2, 3)
                .apply(hello(m -> new ClientHello(
                                0x0301,
                                m.random(),
                                bytes(),
                                new int[] {0x2a2a, 0x1303, 0xcaca},
                                bytes(0),
                                m.extensions()))
                        .apply(sent));
        more = setting(ExtensionType.SUPPORTED_VERSIONS, ExtensionCodec.clientVersions(0x6a6a, 0x0305, 0x0304))
                .apply(more);
        more = setting(ExtensionType.SIGNATURE_ALGORITHMS, ExtensionCodec.codePoints(0x9a9a, 0x0807))
                .apply(more);
        more = setting(
                        ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
                        ExtensionCodec.protocols(List.of("\u00ba\u00ba", "h3")))
                .apply(more);
        TlsEngine server = TlsEngine.server(Parties.server().build(), bytes());
        server.receive(EncryptionLevel.INITIAL, more, 0, more.length);
        HandshakeResult result = server.result();
        assertNotNull(result);
        assertEquals(CipherSuite.TLS_CHACHA20_POLY1305_SHA256, result.cipherSuite());
    }

    @Test
    void nothingInCommon() {
        ExtensionType alpn = ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION;
        refuses(TlsAlert.NO_APPLICATION_PROTOCOL, without(alpn), "no ALPN");
        refuses(
                TlsAlert.NO_APPLICATION_PROTOCOL,
                setting(alpn, ExtensionCodec.protocols(List.of("dummy"))),
                "another ALPN");
        refuses(TlsAlert.DECODE_ERROR, setting(alpn, bytes(0, 0)), "empty ALPN list");
        refuses(TlsAlert.DECODE_ERROR, setting(alpn, bytes(0, 2, 0, 0)), "empty ALPN names");
        refuses(
                TlsAlert.HANDSHAKE_FAILURE,
                hello(m -> new ClientHello(
                        0x0303, m.random(), bytes(), new int[] {0x0a0a, 0xc02f}, bytes(0), m.extensions())),
                "no cipher suite");
        refuses(
                TlsAlert.HANDSHAKE_FAILURE,
                message -> setting(ExtensionType.KEY_SHARE, bytes(0, 0))
                        .apply(setting(ExtensionType.SUPPORTED_GROUPS, ExtensionCodec.codePoints(0x0a0a, 0x001e))
                                .apply(message)),
                "no group");
        refuses(
                TlsAlert.HANDSHAKE_FAILURE,
                setting(ExtensionType.SIGNATURE_ALGORITHMS, ExtensionCodec.codePoints(0x0403, 0x0804)),
                "no signature algorithm for an Ed25519 key");
    }

    @Test
    void namesThatAreUnknownOrMalformed() {
        Pair unknown = new Pair(
                Parties.client().build(),
                "other.example",
                Parties.server(IdentitySelector.builder()
                                .add("example.org", Parties.IDENTITY)
                                .build())
                        .build());
        assertRefused(Pair.Side.SERVER, TlsAlert.UNRECOGNIZED_NAME, unknown, "no such name, no default");
        ExtensionType name = ExtensionType.SERVER_NAME;
        refuses(TlsAlert.DECODE_ERROR, setting(name, bytes()), "no list");
        refuses(TlsAlert.DECODE_ERROR, setting(name, bytes(0, 0)), "an empty list");
        refuses(TlsAlert.DECODE_ERROR, setting(name, bytes(0, 3, 0, 0, 0)), "an empty name");
        refuses(TlsAlert.DECODE_ERROR, setting(name, bytes(0, 4, 1, 0, 1, 'a')), "another type of name");
        refuses(TlsAlert.ILLEGAL_PARAMETER, setting(name, bytes(0, 4, 0, 0, 1, 0)), "a zero byte");
        refuses(TlsAlert.ILLEGAL_PARAMETER, setting(name, bytes(0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b')), "two names");
    }

    @Test
    void keyShares() {
        ExtensionType type = ExtensionType.KEY_SHARE;
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                setting(type, shares(NamedGroup.X25519, new byte[32], NamedGroup.X25519, new byte[32])),
                "twice the same group");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                setting(type, shares(NamedGroup.SECP384R1, new byte[97], NamedGroup.X25519, new byte[32])),
                "a group that is not offered");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                setting(type, shares(NamedGroup.X25519, new byte[32], NamedGroup.SECP256R1, new byte[65])),
                "a zero point");
        refuses(TlsAlert.DECODE_ERROR, setting(type, bytes(0, 4, 0, 0x1d, 0, 0)), "an empty share");
        refuses(TlsAlert.DECODE_ERROR, setting(type, bytes(0, 5, 0, 0x1d, 0, 2, 1)), "a cut share");
    }

    private static byte[] shares(NamedGroup first, byte[] one, NamedGroup second, byte[] two) {
        return ExtensionCodec.clientShares(
                List.of(new ExtensionCodec.KeyShare(first.id(), one), new ExtensionCodec.KeyShare(second.id(), two)));
    }

    @Test
    void secondClientHelloThatIsNotTheFirst() {
        retryRefused(message -> flipped(message, 8), "random");
        retryRefused(setting(ExtensionType.QUIC_TRANSPORT_PARAMETERS, bytes(1)), "transport parameters");
        retryRefused(without(ExtensionType.SERVER_NAME), "server name");
        retryRefused(setting(ExtensionType.KEY_SHARE, bytes(0, 0)), "no share");
        retryRefused(
                setting(
                        ExtensionType.KEY_SHARE,
                        ExtensionCodec.clientShares(
                                List.of(new ExtensionCodec.KeyShare(NamedGroup.X25519.id(), new byte[32])))),
                "a share of another group");
        retryRefused(
                hello(m -> new ClientHello(0x0303, m.random(), bytes(), new int[] {0x1301}, bytes(0), m.extensions())),
                "cipher suites");
    }

    private static void retryRefused(UnaryOperator<byte[]> edit, String what) {
        Pair pair = Parties.retryingPair();
        int[] seen = {0};
        pair.path = change(
                Pair.Side.CLIENT,
                HandshakeType.CLIENT_HELLO,
                message -> ++seen[0] == 2 ? edit.apply(message) : message);
        assertRefused(Pair.Side.SERVER, TlsAlert.ILLEGAL_PARAMETER, pair, "second ClientHello: " + what);
    }

    @Test
    void clientHellosThatEndTooEarlyOrTooLate() {
        refuses(TlsAlert.DECODE_ERROR, message -> shortened(message, 1), "cut");
        refuses(TlsAlert.DECODE_ERROR, message -> shortened(message, -1), "with more");
        refuses(TlsAlert.DECODE_ERROR, message -> message(1), "empty");
    }

    @Test
    void finishedAndWhatMustNotComeBeforeIt() {
        Pair wrong = Parties.pair();
        wrong.path = change(Pair.Side.CLIENT, HandshakeType.FINISHED, message -> flipped(message, -1));
        assertRefused(Pair.Side.SERVER, TlsAlert.DECRYPT_ERROR, wrong, "a wrong Finished");
        Pair cut = Parties.pair();
        cut.path = change(Pair.Side.CLIENT, HandshakeType.FINISHED, message -> shortened(message, 2));
        assertRefused(Pair.Side.SERVER, TlsAlert.DECODE_ERROR, cut, "a short Finished");
        for (int type : new int[] {1, 2, 4, 5, 8, 11, 13, 15, 24, 77}) {
            Pair early = Parties.pair();
            early.path = change(Pair.Side.CLIENT, HandshakeType.FINISHED, message -> joined(message(type, 0), message));
            assertRefused(Pair.Side.SERVER, TlsAlert.UNEXPECTED_MESSAGE, early, "type " + type + " before Finished");
        }
        for (int type : new int[] {5, 20, 24}) {
            refuses(TlsAlert.UNEXPECTED_MESSAGE, message -> message(type, 0), "type " + type + " first");
        }
    }

    @Test
    void bytesLeftInAnOldLevel() {
        for (HandshakeType type : List.of(HandshakeType.CLIENT_HELLO, HandshakeType.FINISHED)) {
            Pair pair = Parties.pair();
            pair.path = change(Pair.Side.CLIENT, type, message -> joined(message, message(20, 1)));
            assertRefused(
                    Pair.Side.SERVER, TlsAlert.UNEXPECTED_MESSAGE, PROTOCOL_VIOLATION, pair, "bytes after " + type);
        }
        Pair update = Parties.pair();
        update.path = change(Pair.Side.CLIENT, HandshakeType.FINISHED, message -> joined(message, message(24, 0)));
        assertRefused(Pair.Side.SERVER, TlsAlert.UNEXPECTED_MESSAGE, update, "KeyUpdate after Finished");
    }
}
