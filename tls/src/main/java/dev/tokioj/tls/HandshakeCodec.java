package dev.tokioj.tls;

import dev.tokioj.tls.HandshakeMessage.Certificate;
import dev.tokioj.tls.HandshakeMessage.CertificateEntry;
import dev.tokioj.tls.HandshakeMessage.CertificateRequest;
import dev.tokioj.tls.HandshakeMessage.CertificateVerify;
import dev.tokioj.tls.HandshakeMessage.ClientHello;
import dev.tokioj.tls.HandshakeMessage.EncryptedExtensions;
import dev.tokioj.tls.HandshakeMessage.Finished;
import dev.tokioj.tls.HandshakeMessage.NewSessionTicket;
import dev.tokioj.tls.HandshakeMessage.ServerHello;
import java.util.ArrayList;
import java.util.List;

/** Handshake messages to and from bytes, header included (RFC 8446 section 4). */
final class HandshakeCodec {
    private static final int RANDOM = 32;

    private HandshakeCodec() {}

    /** Reads one whole message. The engine has refused the types that never reach a body. */
    static HandshakeMessage decode(HandshakeType type, byte[] message, TlsLimits limits) throws TlsAlertException {
        WireReader in = new WireReader(message, MessageBuffer.HEADER, message.length - MessageBuffer.HEADER);
        HandshakeMessage decoded = switch (type) {
            case CLIENT_HELLO -> readClientHello(in, limits);
            case SERVER_HELLO -> readServerHello(in, limits);
            case ENCRYPTED_EXTENSIONS ->
                new EncryptedExtensions(Extensions.decode(in, ExtensionType.Place.ENCRYPTED_EXTENSIONS, limits));
            case CERTIFICATE_REQUEST ->
                new CertificateRequest(
                        in.opaque8(0, 255), Extensions.decode(in, ExtensionType.Place.CERTIFICATE_REQUEST, limits));
            case CERTIFICATE -> readCertificate(in, limits);
            case CERTIFICATE_VERIFY -> new CertificateVerify(in.u16(), in.opaque16(0));
            case FINISHED -> new Finished(in.rest());
            case NEW_SESSION_TICKET ->
                new NewSessionTicket(
                        in.u32(),
                        in.u32(),
                        in.opaque8(0, 255),
                        in.opaque16(1),
                        Extensions.decode(in, ExtensionType.Place.NEW_SESSION_TICKET, limits));
            case KEY_UPDATE, END_OF_EARLY_DATA, MESSAGE_HASH -> throw TlsEngine.unexpected(type);
        };
        in.finish();
        return decoded;
    }

    /** Writes one whole message. */
    static byte[] encode(HandshakeMessage message) {
        WireWriter out = new WireWriter();
        out.u8(type(message).code());
        int body = out.open(3);
        switch (message) {
            case ClientHello m -> writeClientHello(out, m);
            case ServerHello m -> writeServerHello(out, m);
            case EncryptedExtensions m -> m.extensions().encode(out);
            case CertificateRequest m -> {
                out.opaque8(m.context());
                m.extensions().encode(out);
            }
            case Certificate m -> writeCertificate(out, m);
            case CertificateVerify m -> out.u16(m.scheme()).opaque16(m.signature());
            case Finished m -> out.bytes(m.verifyData());
            case NewSessionTicket m -> {
                out.u32(m.lifetime()).u32(m.ageAdd()).opaque8(m.nonce()).opaque16(m.ticket());
                m.extensions().encode(out);
            }
        }
        out.close(body, 3);
        return out.toByteArray();
    }

    static HandshakeType type(HandshakeMessage message) {
        return switch (message) {
            case ClientHello _ -> HandshakeType.CLIENT_HELLO;
            case ServerHello _ -> HandshakeType.SERVER_HELLO;
            case EncryptedExtensions _ -> HandshakeType.ENCRYPTED_EXTENSIONS;
            case CertificateRequest _ -> HandshakeType.CERTIFICATE_REQUEST;
            case Certificate _ -> HandshakeType.CERTIFICATE;
            case CertificateVerify _ -> HandshakeType.CERTIFICATE_VERIFY;
            case Finished _ -> HandshakeType.FINISHED;
            case NewSessionTicket _ -> HandshakeType.NEW_SESSION_TICKET;
        };
    }

    // ---- ClientHello, RFC 8446 section 4.1.2 ----

    private static ClientHello readClientHello(WireReader in, TlsLimits limits) throws TlsAlertException {
        int version = in.u16();
        byte[] random = in.bytes(RANDOM);
        byte[] sessionId = in.opaque8(0, 32);
        int[] suites = readU16List(in.vector16(2));
        byte[] compression = in.opaque8(1, 255);
        // Before TLS 1.2 a ClientHello may end here; it then names no version that we speak.
        Extensions extensions =
                in.hasMore() ? Extensions.decode(in, ExtensionType.Place.CLIENT_HELLO, limits) : Extensions.NONE;
        List<Extensions.Extension> list = extensions.list();
        for (int i = 0; i < list.size() - 1; i++) {
            if (list.get(i).type() == ExtensionType.PRE_SHARED_KEY.code()) {
                throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, "pre_shared_key is not the last extension");
            }
        }
        return new ClientHello(version, random, sessionId, suites, compression, extensions);
    }

    private static void writeClientHello(WireWriter out, ClientHello m) {
        out.u16(m.legacyVersion()).bytes(m.random()).opaque8(m.legacySessionId());
        int suites = out.open(2);
        for (int suite : m.cipherSuites()) {
            out.u16(suite);
        }
        out.close(suites, 2);
        out.opaque8(m.legacyCompressionMethods());
        m.extensions().encode(out);
    }

    // ---- ServerHello and HelloRetryRequest, RFC 8446 sections 4.1.3 and 4.1.4 ----

    private static ServerHello readServerHello(WireReader in, TlsLimits limits) throws TlsAlertException {
        int version = in.u16();
        byte[] random = in.bytes(RANDOM);
        ExtensionType.Place place = ServerHello.isRetryRandom(random)
                ? ExtensionType.Place.HELLO_RETRY_REQUEST
                : ExtensionType.Place.SERVER_HELLO;
        byte[] echo = in.opaque8(0, 32);
        int suite = in.u16();
        int compression = in.u8();
        // A server of TLS 1.2 may send none: then it is refused for its version, not for its form.
        Extensions extensions = in.hasMore() ? Extensions.decode(in, place, limits) : Extensions.NONE;
        return new ServerHello(version, random, echo, suite, compression, extensions);
    }

    private static void writeServerHello(WireWriter out, ServerHello m) {
        out.u16(m.legacyVersion()).bytes(m.random()).opaque8(m.legacySessionIdEcho());
        out.u16(m.cipherSuite()).u8(m.legacyCompressionMethod());
        m.extensions().encode(out);
    }

    // ---- Certificate, RFC 8446 section 4.4.2 ----

    private static Certificate readCertificate(WireReader in, TlsLimits limits) throws TlsAlertException {
        byte[] context = in.opaque8(0, 255);
        WireReader list = in.vector24();
        List<CertificateEntry> entries = new ArrayList<>();
        while (list.hasMore()) {
            if (entries.size() == limits.maxCertificates()) {
                throw new TlsAlertException(TlsAlert.BAD_CERTIFICATE, "the certificate chain is too long");
            }
            byte[] der = list.opaque24(1);
            entries.add(new CertificateEntry(der, Extensions.decode(list, ExtensionType.Place.CERTIFICATE, limits)));
        }
        return new Certificate(context, entries);
    }

    private static void writeCertificate(WireWriter out, Certificate m) {
        out.opaque8(m.context());
        int list = out.open(3);
        for (CertificateEntry entry : m.entries()) {
            out.opaque24(entry.der());
            entry.extensions().encode(out);
        }
        out.close(list, 3);
    }

    /** A list of 16-bit code points that fills the reader. */
    static int[] readU16List(WireReader in) throws TlsAlertException {
        int[] list = new int[in.remaining() / 2];
        for (int i = 0; i < list.length; i++) {
            list[i] = in.u16();
        }
        in.finish();
        return list;
    }
}
