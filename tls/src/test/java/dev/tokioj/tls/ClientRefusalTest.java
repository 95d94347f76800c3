package dev.tokioj.tls;

import static dev.tokioj.tls.Edits.adding;
import static dev.tokioj.tls.Edits.bytes;
import static dev.tokioj.tls.Edits.change;
import static dev.tokioj.tls.Edits.flipped;
import static dev.tokioj.tls.Edits.joined;
import static dev.tokioj.tls.Edits.message;
import static dev.tokioj.tls.Edits.replace;
import static dev.tokioj.tls.Edits.setting;
import static dev.tokioj.tls.Edits.shortened;
import static dev.tokioj.tls.Edits.without;
import static dev.tokioj.tls.Parties.assertRefused;

import dev.tokioj.tls.HandshakeMessage.Certificate;
import dev.tokioj.tls.HandshakeMessage.CertificateEntry;
import dev.tokioj.tls.HandshakeMessage.CertificateVerify;
import dev.tokioj.tls.HandshakeMessage.ServerHello;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Servers that break the rules, and the alert that the client answers with. */
class ClientRefusalTest {
    private static final long PROTOCOL_VIOLATION = 0x0a;

    private static void refuses(TlsAlert alert, HandshakeType type, UnaryOperator<byte[]> edit, String what) {
        Pair pair = Parties.pair();
        pair.path = change(Pair.Side.SERVER, type, edit);
        assertRefused(Pair.Side.CLIENT, alert, pair, what);
    }

    private static UnaryOperator<byte[]> hello(UnaryOperator<ServerHello> edit) {
        return message -> HandshakeCodec.encode(edit.apply(Edits.serverHello(message)));
    }

    @Test
    void versionsOtherThan13() {
        HandshakeType type = HandshakeType.SERVER_HELLO;
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                setting(ExtensionType.SUPPORTED_VERSIONS, bytes(3, 3)),
                "selected version 1.2");
        refuses(TlsAlert.PROTOCOL_VERSION, type, without(ExtensionType.SUPPORTED_VERSIONS), "a server of TLS 1.2");
        for (int last = 0; last < 2; last++) {
            byte[] mark = bytes(0x44, 0x4F, 0x57, 0x4E, 0x47, 0x52, 0x44, last);
            refuses(
                    TlsAlert.ILLEGAL_PARAMETER,
                    type,
                    message -> {
                        byte[] old = without(ExtensionType.SUPPORTED_VERSIONS).apply(message);
                        System.arraycopy(mark, 0, old, 4 + 2 + 24, 8);
                        return old;
                    },
                    "downgrade sentinel " + last);
        }
        refuses(
                TlsAlert.PROTOCOL_VERSION,
                type,
                hello(m -> new ServerHello(0x0303, m.random(), bytes(), 0xc02f, 0, Extensions.NONE)),
                "a ServerHello without any extension");
    }

    @Test
    void serverHelloFieldsThatDoNotAnswerOurs() {
        HandshakeType type = HandshakeType.SERVER_HELLO;
        TlsAlert alert = TlsAlert.ILLEGAL_PARAMETER;
        refuses(
                alert,
                type,
                hello(m -> new ServerHello(0x0303, m.random(), bytes(1), m.cipherSuite(), 0, m.extensions())),
                "session ID echo");
        refuses(
                alert,
                type,
                hello(m -> new ServerHello(0x0303, m.random(), bytes(), m.cipherSuite(), 1, m.extensions())),
                "compression");
        for (int suite : new int[] {0x1304, 0x0a0a, 0xc02f}) {
            refuses(
                    alert,
                    type,
                    hello(m -> new ServerHello(0x0303, m.random(), bytes(), suite, 0, m.extensions())),
                    "suite " + suite);
        }
        Pair pair = new Pair(
                Parties.client()
                        .cipherSuites(List.of(CipherSuite.TLS_AES_128_GCM_SHA256))
                        .build(),
                "example.org",
                Parties.server().build());
        pair.path = change(
                Pair.Side.SERVER,
                type,
                hello(m -> new ServerHello(0x0303, m.random(), bytes(), 0x1302, 0, m.extensions())));
        assertRefused(Pair.Side.CLIENT, alert, pair, "a known suite that was not offered");
    }

    @Test
    void serverHelloExtensions() {
        HandshakeType type = HandshakeType.SERVER_HELLO;
        refuses(TlsAlert.UNSUPPORTED_EXTENSION, type, adding(0x1234), "unknown extension");
        refuses(
                TlsAlert.UNSUPPORTED_EXTENSION,
                type,
                adding(ExtensionType.PRE_SHARED_KEY.code(), 0, 0),
                "PSK that was not offered");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                adding(ExtensionType.SERVER_NAME.code()),
                "an extension of other messages");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                adding(ExtensionType.SUPPORTED_VERSIONS.code(), 3, 4),
                "duplicate extension");
        refuses(TlsAlert.ILLEGAL_PARAMETER, type, adding(ExtensionType.COOKIE.code(), 0, 1, 1), "cookie, not a retry");
        refuses(TlsAlert.MISSING_EXTENSION, type, without(ExtensionType.KEY_SHARE), "no key share");
        refuses(
                TlsAlert.DECODE_ERROR,
                type,
                setting(ExtensionType.KEY_SHARE, bytes(0, 0x1d, 0, 33, 1)),
                "truncated key share");
    }

    @Test
    void keySharesThatAreNoPoints() {
        HandshakeType type = HandshakeType.SERVER_HELLO;
        byte[] zero = new byte[32];
        refuses(TlsAlert.ILLEGAL_PARAMETER, type, share(NamedGroup.X25519.id(), zero), "X25519 zero");
        byte[] one = new byte[32];
        one[0] = 1;
        refuses(TlsAlert.ILLEGAL_PARAMETER, type, share(NamedGroup.X25519.id(), one), "X25519 small order");
        refuses(TlsAlert.ILLEGAL_PARAMETER, type, share(NamedGroup.X25519.id(), new byte[31]), "X25519 short");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                share(NamedGroup.SECP256R1.id(), new byte[65]),
                "a group without our share");
        refuses(TlsAlert.ILLEGAL_PARAMETER, type, share(0x0a0a, new byte[1]), "a group that was grease");
    }

    private static UnaryOperator<byte[]> share(int group, byte[] key) {
        return setting(ExtensionType.KEY_SHARE, ExtensionCodec.serverShare(new ExtensionCodec.KeyShare(group, key)));
    }

    @Test
    void retriesThatMakeNoSense() {
        HandshakeType type = HandshakeType.SERVER_HELLO;
        TlsAlert alert = TlsAlert.ILLEGAL_PARAMETER;
        Pair twice = Parties.retryingPair();
        twice.path = replace(Pair.Side.SERVER, type, message -> List.of(message, message));
        assertRefused(Pair.Side.CLIENT, TlsAlert.UNEXPECTED_MESSAGE, twice, "second retry");
        retryRefused(alert, setting(ExtensionType.KEY_SHARE, bytes(0, 0x1d)), "a group whose share it has");
        retryRefused(alert, setting(ExtensionType.KEY_SHARE, bytes(0, 0x18)), "a group that was not offered");
        retryRefused(alert, setting(ExtensionType.KEY_SHARE, bytes(0x0a, 0x0a)), "a group that was grease");
        retryRefused(alert, without(ExtensionType.KEY_SHARE), "no change");
        retryRefused(TlsAlert.DECODE_ERROR, adding(ExtensionType.COOKIE.code(), 0, 0), "empty cookie");
        retryRefused(TlsAlert.MISSING_EXTENSION, without(ExtensionType.SUPPORTED_VERSIONS), "no version");
        retryRefused(TlsAlert.UNSUPPORTED_EXTENSION, adding(0x7777), "unknown extension");
        retryRefused(alert, adding(ExtensionType.PRE_SHARED_KEY.code(), 0, 0), "an extension of other messages");
        Pair changed = Parties.retryingPair();
        changed.path = change(
                Pair.Side.SERVER,
                type,
                hello(m -> m.isHelloRetryRequest()
                        ? m
                        : new ServerHello(0x0303, m.random(), bytes(), 0x1303, 0, m.extensions())));
        assertRefused(Pair.Side.CLIENT, alert, changed, "another suite after the retry");
    }

    private static void retryRefused(TlsAlert alert, UnaryOperator<byte[]> edit, String what) {
        Pair pair = Parties.retryingPair();
        pair.path = change(Pair.Side.SERVER, HandshakeType.SERVER_HELLO, edit);
        assertRefused(Pair.Side.CLIENT, alert, pair, what);
    }

    @Test
    void encryptedExtensions() {
        HandshakeType type = HandshakeType.ENCRYPTED_EXTENSIONS;
        ExtensionType alpn = ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION;
        refuses(TlsAlert.NO_APPLICATION_PROTOCOL, type, without(alpn), "no ALPN");
        refuses(
                TlsAlert.NO_APPLICATION_PROTOCOL,
                type,
                setting(alpn, ExtensionCodec.protocols(List.of("smtp"))),
                "ALPN that was not offered");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                setting(alpn, ExtensionCodec.protocols(List.of("h3", "echo"))),
                "two ALPN names");
        refuses(TlsAlert.DECODE_ERROR, type, setting(alpn, bytes(0, 1, 0)), "empty ALPN name");
        refuses(
                TlsAlert.MISSING_EXTENSION,
                type,
                without(ExtensionType.QUIC_TRANSPORT_PARAMETERS),
                "no transport parameters");
        refuses(TlsAlert.UNSUPPORTED_EXTENSION, type, adding(0x4567), "unknown extension");
        refuses(
                TlsAlert.UNSUPPORTED_EXTENSION,
                type,
                adding(ExtensionType.EARLY_DATA.code()),
                "early data that was not offered");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                adding(ExtensionType.KEY_SHARE.code(), 0, 0),
                "an extension of other messages");
        refuses(TlsAlert.ILLEGAL_PARAMETER, type, adding(alpn.code(), 0, 3, 2, 'h', '3'), "duplicate extension");
        refuses(TlsAlert.DECODE_ERROR, type, adding(ExtensionType.SERVER_NAME.code(), 1), "a name in the answer");
        Pair pair = new Pair(
                TlsEngine.client(Parties.client().build(), "192.0.2.1", bytes()),
                TlsEngine.server(Parties.server().build(), bytes()));
        pair.path = change(Pair.Side.SERVER, type, adding(ExtensionType.SERVER_NAME.code()));
        assertRefused(Pair.Side.CLIENT, TlsAlert.UNSUPPORTED_EXTENSION, pair, "an answer to no name");
    }

    @Test
    void certificates() {
        HandshakeType type = HandshakeType.CERTIFICATE;
        refuses(TlsAlert.DECODE_ERROR, type, certificate(m -> new Certificate(bytes(), List.of())), "no certificate");
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                certificate(m -> new Certificate(bytes(1), m.entries())),
                "a context");
        refuses(
                TlsAlert.BAD_CERTIFICATE,
                type,
                certificate(m -> new Certificate(
                        bytes(), Collections.nCopies(11, m.entries().getFirst()))),
                "a long chain");
        for (int extension : new int[] {ExtensionType.SIGNED_CERTIFICATE_TIMESTAMP.code(), 0x3333}) {
            Extensions extra = Extensions.builder().add(extension, bytes(0)).build();
            refuses(
                    TlsAlert.UNSUPPORTED_EXTENSION,
                    type,
                    certificate(m -> new Certificate(
                            bytes(),
                            List.of(new CertificateEntry(m.entries().getFirst().der(), extra)))),
                    "extension " + extension);
        }
        Extensions misplaced =
                Extensions.builder().add(ExtensionType.SERVER_NAME, bytes()).build();
        refuses(
                TlsAlert.ILLEGAL_PARAMETER,
                type,
                certificate(m -> new Certificate(
                        bytes(),
                        List.of(new CertificateEntry(m.entries().getFirst().der(), misplaced)))),
                "an extension of other messages");
        for (byte[] der :
                List.of(bytes(0x30, 3, 1, 1, 1), bytes('-', '-'), bytes(0x30, 0x84, 0x7f, 0xff, 0xff, 0xff))) {
            refuses(
                    TlsAlert.BAD_CERTIFICATE,
                    type,
                    certificate(m -> new Certificate(bytes(), List.of(new CertificateEntry(der, Extensions.NONE)))),
                    "no certificate in it");
        }
        refuses(
                TlsAlert.BAD_CERTIFICATE,
                type,
                certificate(m -> new Certificate(
                        bytes(),
                        List.of(new CertificateEntry(
                                joined(m.entries().getFirst().der(), bytes(0)), Extensions.NONE)))),
                "bytes after the certificate");
    }

    private static UnaryOperator<byte[]> certificate(UnaryOperator<Certificate> edit) {
        return message -> HandshakeCodec.encode(edit.apply((Certificate) Edits.decode(message)));
    }

    @Test
    void signatures() {
        HandshakeType type = HandshakeType.CERTIFICATE_VERIFY;
        refuses(TlsAlert.DECRYPT_ERROR, type, message -> flipped(message, 20), "a wrong signature");
        refuses(TlsAlert.DECRYPT_ERROR, type, message -> proof(message, 0x0807, bytes(1, 2)), "a malformed signature");
        refuses(TlsAlert.DECRYPT_ERROR, type, message -> proof(message, 0x0807, bytes()), "an empty signature");
        for (int scheme : new int[] {0x0403, 0x0804, 0x0401, 0x0203, 0x0a0a}) {
            refuses(
                    TlsAlert.ILLEGAL_PARAMETER,
                    type,
                    message -> proof(message, scheme, new byte[64]),
                    "scheme " + Integer.toHexString(scheme) + " with an Ed25519 key");
        }
    }

    private static byte[] proof(byte[] message, int scheme, byte[] signature) {
        return HandshakeCodec.encode(new CertificateVerify(scheme, signature));
    }

    @Test
    void finished() {
        refuses(TlsAlert.DECRYPT_ERROR, HandshakeType.FINISHED, message -> flipped(message, -1), "a wrong Finished");
        refuses(TlsAlert.DECODE_ERROR, HandshakeType.FINISHED, message -> shortened(message, 1), "a short Finished");
        refuses(TlsAlert.DECODE_ERROR, HandshakeType.FINISHED, message -> message(20), "an empty Finished");
        // What is changed without breaking a rule is found by Finished or by the signature over the transcript.
        refuses(
                TlsAlert.DECRYPT_ERROR,
                HandshakeType.ENCRYPTED_EXTENSIONS,
                setting(ExtensionType.QUIC_TRANSPORT_PARAMETERS, bytes(1, 2, 3)),
                "changed transport parameters");
        refuses(
                TlsAlert.DECRYPT_ERROR,
                HandshakeType.SERVER_HELLO,
                message -> flipped(message, 10),
                "a changed random");
    }

    @Test
    void messagesThatEndTooEarlyOrTooLate() {
        for (HandshakeType type : List.of(
                HandshakeType.SERVER_HELLO,
                HandshakeType.ENCRYPTED_EXTENSIONS,
                HandshakeType.CERTIFICATE,
                HandshakeType.CERTIFICATE_VERIFY)) {
            refuses(TlsAlert.DECODE_ERROR, type, message -> shortened(message, 1), type + " cut");
            refuses(TlsAlert.DECODE_ERROR, type, message -> shortened(message, -1), type + " with more");
            refuses(TlsAlert.DECODE_ERROR, type, message -> message(type.code()), type + " empty");
        }
    }

    @Test
    void missingAndRepeatedMessages() {
        for (HandshakeType type : List.of(
                HandshakeType.ENCRYPTED_EXTENSIONS, HandshakeType.CERTIFICATE, HandshakeType.CERTIFICATE_VERIFY)) {
            Pair missing = Parties.pair();
            missing.path = replace(Pair.Side.SERVER, type, message -> List.of());
            assertRefused(Pair.Side.CLIENT, TlsAlert.UNEXPECTED_MESSAGE, missing, "no " + type);
            Pair twice = Parties.pair();
            twice.path = replace(Pair.Side.SERVER, type, message -> List.of(message, message));
            assertRefused(Pair.Side.CLIENT, TlsAlert.UNEXPECTED_MESSAGE, twice, "two of " + type);
        }
        Pair hellos = Parties.pair();
        hellos.path = replace(Pair.Side.SERVER, HandshakeType.SERVER_HELLO, message -> List.of(message, message));
        assertRefused(Pair.Side.CLIENT, TlsAlert.UNEXPECTED_MESSAGE, PROTOCOL_VIOLATION, hellos, "two ServerHellos");
        Pair finished = Parties.pair();
        finished.path = replace(Pair.Side.SERVER, HandshakeType.FINISHED, message -> List.of(message, message));
        Pair.Failure failure = finished.run();
        org.junit.jupiter.api.Assertions.assertNotNull(failure);
        org.junit.jupiter.api.Assertions.assertEquals(
                PROTOCOL_VIOLATION, failure.exception().quicErrorCode());
    }

    @Test
    void messagesInAnyOtherOrder() {
        List<byte[]> held = new ArrayList<>();
        Pair pair = Parties.pair();
        pair.path = (from, level, message) -> {
            if (from == Pair.Side.CLIENT || level == EncryptionLevel.INITIAL) {
                return List.of(message);
            }
            held.add(message);
            if (held.size() < 4) {
                return List.of();
            }
            Collections.reverse(held);
            return held;
        };
        assertRefused(Pair.Side.CLIENT, TlsAlert.UNEXPECTED_MESSAGE, pair, "reversed flight");
    }

    @Test
    void messagesThatDoNotBelongHere() {
        for (int type : new int[] {0, 1, 4, 5, 24, 99, 254}) {
            refuses(
                    TlsAlert.UNEXPECTED_MESSAGE,
                    HandshakeType.ENCRYPTED_EXTENSIONS,
                    message -> message(type, 0),
                    "type " + type);
        }
    }

    @Test
    void bytesLeftInAnOldLevel() {
        for (HandshakeType type : List.of(HandshakeType.SERVER_HELLO, HandshakeType.FINISHED)) {
            Pair pair = Parties.pair();
            pair.path = change(Pair.Side.SERVER, type, message -> joined(message, bytes(11)));
            assertRefused(
                    Pair.Side.CLIENT, TlsAlert.UNEXPECTED_MESSAGE, PROTOCOL_VIOLATION, pair, "bytes after " + type);
        }
        Pair update = Parties.pair();
        update.path = change(Pair.Side.SERVER, HandshakeType.FINISHED, message -> joined(message, message(24, 0)));
        assertRefused(Pair.Side.CLIENT, TlsAlert.UNEXPECTED_MESSAGE, update, "KeyUpdate after Finished");
    }
}
