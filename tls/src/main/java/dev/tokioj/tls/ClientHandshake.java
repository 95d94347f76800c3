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
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The client's side of the handshake: the state machine of RFC 8446 appendix A.1. */
final class ClientHandshake extends TlsEngine {
    private static final byte[] EMPTY = {};

    private enum State {
        START,
        WAIT_SERVER_HELLO,
        WAIT_ENCRYPTED_EXTENSIONS,
        WAIT_CERTIFICATE_OR_REQUEST,
        WAIT_CERTIFICATE,
        WAIT_CERTIFICATE_VERIFY,
        AUTHENTICATING,
        WAIT_FINISHED,
        CONNECTED;

        boolean accepts(HandshakeType type) {
            return switch (this) {
                case START, AUTHENTICATING -> false;
                case WAIT_SERVER_HELLO -> type == HandshakeType.SERVER_HELLO;
                case WAIT_ENCRYPTED_EXTENSIONS -> type == HandshakeType.ENCRYPTED_EXTENSIONS;
                case WAIT_CERTIFICATE_OR_REQUEST ->
                    type == HandshakeType.CERTIFICATE || type == HandshakeType.CERTIFICATE_REQUEST;
                case WAIT_CERTIFICATE -> type == HandshakeType.CERTIFICATE;
                case WAIT_CERTIFICATE_VERIFY -> type == HandshakeType.CERTIFICATE_VERIFY;
                case WAIT_FINISHED -> type == HandshakeType.FINISHED;
                case CONNECTED -> type == HandshakeType.NEW_SESSION_TICKET;
            };
        }
    }

    private final TlsClientConfig config;
    private final ServerName server;
    private byte[] transportParameters;
    private final byte[] random = new byte[32];
    private final Transcript transcript = new Transcript();
    private State state = State.START;
    private List<KeyExchange> keyShares = List.of();
    private @Nullable CipherSuite retrySuite; // what a HelloRetryRequest has settled; there is at most one
    private @Nullable KeySchedule schedule;
    private @Nullable CipherSuite suite;
    private @Nullable NamedGroup group;
    private @Nullable String alpn;
    private byte @Nullable [] requestContext;
    private List<CertificateEntry> serverCertificates = List.of();
    private @Nullable HandshakeResult result;

    ClientHandshake(TlsClientConfig config, ServerName server, byte[] transportParameters) {
        super(config.limits());
        this.config = config;
        this.server = server;
        this.transportParameters = transportParameters;
    }

    @Override
    public boolean isComplete() {
        return state == State.CONNECTED;
    }

    @Override
    public @Nullable HandshakeResult result() {
        return state == State.CONNECTED ? result : null;
    }

    @Override
    void begin() throws TlsAlertException {
        if (state != State.START) {
            throw new IllegalStateException("already started");
        }
        config.random().nextBytes(random);
        List<KeyExchange> shares = new ArrayList<>();
        for (NamedGroup offered : config.groups()) {
            if (shares.size() < config.keyShares()) {
                shares.add(KeyExchange.generate(offered, config.crypto(), config.random()));
            }
        }
        keyShares = shares;
        sendClientHello(null);
        transition(State.WAIT_SERVER_HELLO);
    }

    @Override
    void expect(HandshakeType type) throws TlsAlertException {
        if (!state.accepts(type)) {
            throw unexpected(type);
        }
    }

    @Override
    void onMessage(HandshakeMessage message, byte[] encoded) throws TlsAlertException {
        switch (message) {
            case ServerHello m -> onServerHello(m, encoded);
            case EncryptedExtensions m -> onEncryptedExtensions(m, encoded);
            case CertificateRequest m -> onCertificateRequest(m, encoded);
            case Certificate m -> onCertificate(m, encoded);
            case CertificateVerify m -> onCertificateVerify(m, encoded);
            case Finished m -> onFinished(m, encoded);
            // Well-formed, and of no use before there is resumption.
            case NewSessionTicket _ -> {}
            case ClientHello _ -> throw unexpected(HandshakeType.CLIENT_HELLO);
        }
    }

    private void transition(State next) {
        state = next;
    }

    // ---- ClientHello ----

    private void sendClientHello(byte @Nullable [] cookie) {
        Grease grease = new Grease(random);
        int[] suites = new int[1 + config.cipherSuites().size()];
        suites[0] = grease.cipherSuite();
        for (int i = 1; i < suites.length; i++) {
            suites[i] = config.cipherSuites().get(i - 1).id();
        }
        byte[] hello = HandshakeCodec.encode(
                new ClientHello(0x0303, random, EMPTY, suites, new byte[1], helloExtensions(grease, cookie)));
        transcript.add(hello);
        emit(new TlsEvent.CryptoData(EncryptionLevel.INITIAL, hello));
    }

    private Extensions helloExtensions(Grease grease, byte @Nullable [] cookie) {
        int[] groups = new int[1 + config.groups().size()];
        groups[0] = grease.group();
        for (int i = 1; i < groups.length; i++) {
            groups[i] = config.groups().get(i - 1).id();
        }
        SignatureScheme[] schemes = SignatureScheme.values();
        int[] schemeIds = new int[schemes.length];
        for (int i = 0; i < schemeIds.length; i++) {
            schemeIds[i] = schemes[i].id();
        }
        List<ExtensionCodec.KeyShare> shares = new ArrayList<>();
        for (KeyExchange exchange : keyShares) {
            shares.add(new ExtensionCodec.KeyShare(exchange.group().id(), exchange.share()));
        }
        Extensions.Builder extensions = Extensions.builder().add(grease.extension(), EMPTY);
        if (!server.isAddress()) {
            extensions.add(ExtensionType.SERVER_NAME, ExtensionCodec.serverName(server.name()));
        }
        extensions
                .add(ExtensionType.SUPPORTED_GROUPS, ExtensionCodec.codePoints(groups))
                .add(ExtensionType.SIGNATURE_ALGORITHMS, ExtensionCodec.codePoints(schemeIds))
                .add(ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION, ExtensionCodec.protocols(config.alpn()))
                .add(ExtensionType.SUPPORTED_VERSIONS, ExtensionCodec.clientVersions(ExtensionCodec.TLS_1_3))
                .add(ExtensionType.KEY_SHARE, ExtensionCodec.clientShares(shares))
                .add(ExtensionType.QUIC_TRANSPORT_PARAMETERS, transportParameters);
        if (cookie != null) {
            extensions.add(ExtensionType.COOKIE, ExtensionCodec.cookie(cookie));
        }
        return extensions.build();
    }

    // ---- ServerHello and HelloRetryRequest, RFC 8446 sections 4.1.3 and 4.1.4 ----

    private void onServerHello(ServerHello hello, byte[] encoded) throws TlsAlertException {
        checkVersion(hello);
        if (hello.legacySessionIdEcho().length != 0) {
            throw illegal("the server echoes a session ID that was not sent");
        }
        if (hello.legacyCompressionMethod() != 0) {
            throw illegal("the server selects compression");
        }
        CipherSuite selected = CipherSuite.of(hello.cipherSuite());
        if (selected == null || !config.cipherSuites().contains(selected)) {
            throw illegal("the server selects a cipher suite that was not offered");
        }
        if (hello.isHelloRetryRequest()) {
            onHelloRetryRequest(hello, selected, encoded);
            return;
        }
        checkOffered(hello.extensions(), ExtensionType.SUPPORTED_VERSIONS, ExtensionType.KEY_SHARE);
        if (retrySuite != null && retrySuite != selected) {
            throw illegal("the server changes the cipher suite after a retry");
        }
        ExtensionCodec.KeyShare share =
                ExtensionCodec.readServerShare(hello.extensions().require(ExtensionType.KEY_SHARE));
        KeyExchange exchange = offeredShare(share.group());
        if (exchange == null) {
            throw illegal("the server selects a group without a key share");
        }
        byte[] secret = exchange.agree(share.keyExchange());
        keyShares = List.of();
        suite = selected;
        group = exchange.group();
        transcript.select(selected.hash());
        transcript.add(encoded);
        KeySchedule keys = new KeySchedule(selected.hash(), config.keyLog(), random);
        schedule = keys;
        KeySchedule.TrafficSecrets secrets = keys.enterHandshake(secret, transcript.hash());
        emit(new TlsEvent.ReadSecret(EncryptionLevel.HANDSHAKE, selected, secrets.server()));
        emit(new TlsEvent.WriteSecret(EncryptionLevel.HANDSHAKE, selected, secrets.client()));
        readNextLevel(EncryptionLevel.HANDSHAKE);
        transition(State.WAIT_ENCRYPTED_EXTENSIONS);
    }

    /** Before all else; where supported_versions is present, legacy_version has no meaning (RFC 8446 section 4.2.1). */
    private static void checkVersion(ServerHello hello) throws TlsAlertException {
        WireReader version = hello.extensions().reader(ExtensionType.SUPPORTED_VERSIONS);
        if (version != null) {
            if (ExtensionCodec.readSelected(version) != ExtensionCodec.TLS_1_3) {
                throw illegal("the server selects a version that was not offered");
            }
        } else if (hello.isHelloRetryRequest()) {
            throw new TlsAlertException(TlsAlert.MISSING_EXTENSION, "a retry without supported_versions");
        } else if (hasDowngradeMark(hello.random())) {
            throw illegal("someone on the path has downgraded the version");
        } else {
            throw new TlsAlertException(TlsAlert.PROTOCOL_VERSION, "the server does not speak TLS 1.3");
        }
    }

    /** "DOWNGRD" and 0 or 1: a server that knows TLS 1.3 was made to answer with less (RFC 8446 section 4.1.3). */
    private static boolean hasDowngradeMark(byte[] random) {
        byte[] mark = {0x44, 0x4F, 0x57, 0x4E, 0x47, 0x52, 0x44};
        return Arrays.equals(random, 24, 31, mark, 0, mark.length) && (random[31] == 0 || random[31] == 1);
    }

    private void onHelloRetryRequest(ServerHello hello, CipherSuite selected, byte[] encoded) throws TlsAlertException {
        if (retrySuite != null) {
            throw new TlsAlertException(TlsAlert.UNEXPECTED_MESSAGE, "a second HelloRetryRequest");
        }
        Extensions extensions = hello.extensions();
        checkOffered(extensions, ExtensionType.SUPPORTED_VERSIONS, ExtensionType.KEY_SHARE, ExtensionType.COOKIE);
        WireReader cookieBody = extensions.reader(ExtensionType.COOKIE);
        byte[] cookie = cookieBody == null ? null : ExtensionCodec.readCookie(cookieBody);
        WireReader groupBody = extensions.reader(ExtensionType.KEY_SHARE);
        if (groupBody != null) {
            int id = ExtensionCodec.readSelected(groupBody);
            NamedGroup wanted = NamedGroup.of(id);
            if (wanted == null || !config.groups().contains(wanted) || offeredShare(id) != null) {
                throw illegal("the retry asks for a group that was not offered, or whose share it has");
            }
            keyShares = List.of(KeyExchange.generate(wanted, config.crypto(), config.random()));
        } else if (cookie == null) {
            throw illegal("the retry asks for no change");
        }
        retrySuite = selected;
        transcript.select(selected.hash());
        transcript.replaceWithMessageHash();
        transcript.add(encoded);
        sendClientHello(cookie);
    }

    private @Nullable KeyExchange offeredShare(int groupId) {
        for (KeyExchange exchange : keyShares) {
            if (exchange.group().id() == groupId) {
                return exchange;
            }
        }
        return null;
    }

    // ---- the server's encrypted flight ----

    private void onEncryptedExtensions(EncryptedExtensions message, byte[] encoded) throws TlsAlertException {
        Extensions extensions = message.extensions();
        checkOffered(
                extensions,
                ExtensionType.SERVER_NAME,
                ExtensionType.SUPPORTED_GROUPS,
                ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
                ExtensionType.QUIC_TRANSPORT_PARAMETERS);
        WireReader name = extensions.reader(ExtensionType.SERVER_NAME);
        if (name != null) {
            if (server.isAddress()) {
                throw unsupported(ExtensionType.SERVER_NAME.code());
            }
            name.finish();
        }
        WireReader groups = extensions.reader(ExtensionType.SUPPORTED_GROUPS);
        if (groups != null) {
            ExtensionCodec.readCodePoints(groups); // for a later connection; this one must not act upon it
        }
        alpn = selectedProtocol(extensions);
        byte[] parameters =
                extensions.require(ExtensionType.QUIC_TRANSPORT_PARAMETERS).rest();
        transcript.add(encoded);
        emit(new TlsEvent.PeerTransportParameters(parameters));
        transition(State.WAIT_CERTIFICATE_OR_REQUEST);
    }

    /** QUIC does without a protocol in no case (RFC 9001 section 8.1). */
    private String selectedProtocol(Extensions extensions) throws TlsAlertException {
        WireReader body = extensions.reader(ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
        if (body == null) {
            throw new TlsAlertException(TlsAlert.NO_APPLICATION_PROTOCOL, "the server selects no protocol");
        }
        List<byte[]> selected = ExtensionCodec.readProtocols(body);
        if (selected.size() != 1) {
            throw illegal("the server selects more than one protocol");
        }
        String name = ExtensionCodec.commonProtocol(config.alpn(), selected);
        if (name == null) {
            throw new TlsAlertException(
                    TlsAlert.NO_APPLICATION_PROTOCOL, "the server selects a protocol that was not offered");
        }
        return name;
    }

    private void onCertificateRequest(CertificateRequest message, byte[] encoded) throws TlsAlertException {
        if (message.context().length != 0) {
            throw illegal("a certificate request of the handshake has a context");
        }
        ExtensionCodec.readCodePoints(message.extensions().require(ExtensionType.SIGNATURE_ALGORITHMS));
        requestContext = message.context();
        transcript.add(encoded);
        transition(State.WAIT_CERTIFICATE);
    }

    private void onCertificate(Certificate message, byte[] encoded) throws TlsAlertException {
        if (message.context().length != 0) {
            throw illegal("a server's certificate has a context");
        }
        if (message.entries().isEmpty()) {
            throw new TlsAlertException(TlsAlert.DECODE_ERROR, "the server sends no certificate");
        }
        for (CertificateEntry entry : message.entries()) {
            checkOffered(entry.extensions());
        }
        serverCertificates = message.entries();
        transcript.add(encoded);
        transition(State.WAIT_CERTIFICATE_VERIFY);
    }

    private void onCertificateVerify(CertificateVerify message, byte[] encoded) throws TlsAlertException {
        ServerAuthentication work = new ServerAuthentication(
                config.crypto(), serverCertificates, message, transcript.hash(), config.verifier(), server.name());
        serverCertificates = List.of();
        transcript.add(encoded);
        transition(State.AUTHENTICATING);
        suspend(work);
    }

    @Override
    void onWorkDone(Delegated work) {
        if (state != State.AUTHENTICATING
                || !(work instanceof ServerAuthentication done)
                || suite == null
                || group == null
                || alpn == null) {
            throw new IllegalStateException("no such work in state " + state);
        }
        result = new HandshakeResult(alpn, suite, group, server.name(), done.chain());
        transition(State.WAIT_FINISHED);
    }

    private void onFinished(Finished message, byte[] encoded) throws TlsAlertException {
        KeySchedule keys = schedule;
        CipherSuite selected = suite;
        if (keys == null || selected == null) {
            throw new IllegalStateException("no keys in state " + state);
        }
        checkFinished(message, keys.finished(KeySchedule.Side.SERVER, transcript.hash()));
        transcript.add(encoded);
        KeySchedule.TrafficSecrets secrets = keys.enterApplication(transcript.hash());
        readNextLevel(EncryptionLevel.APPLICATION);
        if (requestContext != null) {
            // A client without an identity answers with an empty chain (RFC 8446 section 4.4.2).
            byte[] none = HandshakeCodec.encode(new Certificate(requestContext, List.of()));
            transcript.add(none);
            emit(new TlsEvent.CryptoData(EncryptionLevel.HANDSHAKE, none));
        }
        byte[] finished =
                HandshakeCodec.encode(new Finished(keys.finished(KeySchedule.Side.CLIENT, transcript.hash())));
        transcript.add(finished);
        emit(new TlsEvent.CryptoData(EncryptionLevel.HANDSHAKE, finished));
        emit(new TlsEvent.WriteSecret(EncryptionLevel.APPLICATION, selected, secrets.client()));
        emit(new TlsEvent.ReadSecret(EncryptionLevel.APPLICATION, selected, secrets.server()));
        transition(State.CONNECTED);
        emit(new TlsEvent.Complete());
        wipeSecrets();
        transcript.release();
        transportParameters = EMPTY;
    }

    static void checkFinished(Finished message, byte[] expected) throws TlsAlertException {
        if (message.verifyData().length != expected.length) {
            throw new TlsAlertException(TlsAlert.DECODE_ERROR, "Finished has the wrong length");
        }
        if (!MessageDigest.isEqual(message.verifyData(), expected)) {
            throw new TlsAlertException(TlsAlert.DECRYPT_ERROR, "Finished does not verify");
        }
    }

    @Override
    void wipeSecrets() {
        keyShares = List.of(); // JCA's private keys cannot be wiped, only let go
        serverCertificates = List.of();
        if (schedule != null) {
            schedule.wipe();
            schedule = null;
        }
    }

    /** A server answers what was offered and nothing else (RFC 8446 section 4.2); GREASE was no offer (RFC 8701). */
    private static void checkOffered(Extensions extensions, ExtensionType... offered) throws TlsAlertException {
        for (Extensions.Extension extension : extensions.list()) {
            boolean known = false;
            for (ExtensionType type : offered) {
                known |= type.code() == extension.type();
            }
            if (!known) {
                throw unsupported(extension.type());
            }
        }
    }

    private static TlsAlertException unsupported(int extension) {
        return new TlsAlertException(
                TlsAlert.UNSUPPORTED_EXTENSION, "extension " + extension + " answers nothing that was offered");
    }

    private static TlsAlertException illegal(String reason) {
        return new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, reason);
    }
}
