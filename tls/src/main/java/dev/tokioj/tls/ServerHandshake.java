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
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The server's side of the handshake: the state machine of RFC 8446 appendix A.2. */
final class ServerHandshake extends TlsEngine {
    private static final byte[] EMPTY = {};

    private enum State {
        WAIT_CLIENT_HELLO,
        WAIT_SECOND_CLIENT_HELLO,
        SIGNING,
        WAIT_FINISHED,
        CONNECTED;

        boolean accepts(HandshakeType type) {
            return switch (this) {
                case WAIT_CLIENT_HELLO, WAIT_SECOND_CLIENT_HELLO -> type == HandshakeType.CLIENT_HELLO;
                case SIGNING, CONNECTED -> false;
                case WAIT_FINISHED -> type == HandshakeType.FINISHED;
            };
        }
    }

    private final TlsServerConfig config;
    private byte[] transportParameters;
    private final Transcript transcript = new Transcript();
    private State state = State.WAIT_CLIENT_HELLO;
    private @Nullable ClientHello firstHello;
    private @Nullable Negotiation negotiation;
    private @Nullable KeySchedule schedule;
    private byte[] clientApplicationSecret = EMPTY;
    private @Nullable HandshakeResult result; // of a complete handshake, which keeps nothing else

    ServerHandshake(TlsServerConfig config, byte[] transportParameters) {
        super(config.limits());
        this.config = config;
        this.transportParameters = transportParameters;
    }

    @Override
    public boolean isComplete() {
        return state == State.CONNECTED;
    }

    @Override
    public @Nullable HandshakeResult result() {
        Negotiation agreed = negotiation;
        if (result != null) {
            return result;
        }
        return agreed == null || state == State.WAIT_CLIENT_HELLO || state == State.WAIT_SECOND_CLIENT_HELLO
                ? null
                : new HandshakeResult(agreed.alpn(), agreed.suite(), agreed.group(), agreed.serverName(), List.of());
    }

    @Override
    void begin() {}

    @Override
    void expect(HandshakeType type) throws TlsAlertException {
        if (!state.accepts(type)) {
            throw unexpected(type);
        }
    }

    @Override
    void onMessage(HandshakeMessage message, byte[] encoded) throws TlsAlertException {
        switch (message) {
            case ClientHello m -> onClientHello(m, encoded);
            case Finished m -> onFinished(m, encoded);
            case ServerHello _,
                    EncryptedExtensions _,
                    CertificateRequest _,
                    Certificate _,
                    CertificateVerify _,
                    NewSessionTicket _ -> throw unexpected(HandshakeCodec.type(message));
        }
    }

    private void transition(State next) {
        state = next;
    }

    // ---- ClientHello ----

    private void onClientHello(ClientHello hello, byte[] encoded) throws TlsAlertException {
        Negotiation agreed = Negotiation.of(hello, config);
        transcript.add(encoded);
        if (firstHello == null) {
            if (agreed.clientShare() == null) {
                firstHello = hello;
                negotiation = agreed;
                sendHelloRetryRequest(agreed);
                return;
            }
        } else {
            agreed.checkRetry(firstHello, hello, negotiation);
            firstHello = null;
        }
        negotiation = agreed;
        byte[] clientShare = agreed.clientShare();
        if (clientShare == null) {
            throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, "no key share of the group asked for");
        }
        readNextLevel(EncryptionLevel.HANDSHAKE);
        emit(new TlsEvent.PeerTransportParameters(agreed.transportParameters()));
        sendServerHello(agreed, hello.random(), clientShare);
        sendEncryptedExtensionsAndCertificate(agreed);
        transition(State.SIGNING);
        suspend(new SigningWork(
                config.crypto(), agreed.identity().key(), agreed.scheme(), transcript.hash(), config.random()));
    }

    private void sendHelloRetryRequest(Negotiation agreed) {
        transcript.select(agreed.suite().hash());
        transcript.replaceWithMessageHash();
        send(
                EncryptionLevel.INITIAL,
                serverHello(
                        ServerHello.retryRandom(),
                        agreed.suite(),
                        ExtensionCodec.selected(agreed.group().id())));
        transition(State.WAIT_SECOND_CLIENT_HELLO);
    }

    private void sendServerHello(Negotiation agreed, byte[] clientRandom, byte[] clientShare) throws TlsAlertException {
        CipherSuite suite = agreed.suite();
        KeyExchange.Answer answer = KeyExchange.answer(agreed.group(), clientShare, config.crypto(), config.random());
        byte[] random = new byte[32];
        config.random().nextBytes(random);
        transcript.select(suite.hash());
        send(
                EncryptionLevel.INITIAL,
                serverHello(
                        random,
                        suite,
                        ExtensionCodec.serverShare(
                                new ExtensionCodec.KeyShare(agreed.group().id(), answer.share()))));
        KeySchedule keys = new KeySchedule(suite.hash(), config.keyLog(), clientRandom);
        schedule = keys;
        KeySchedule.TrafficSecrets secrets = keys.enterHandshake(answer.secret(), transcript.hash());
        emit(new TlsEvent.WriteSecret(EncryptionLevel.HANDSHAKE, suite, secrets.server()));
        emit(new TlsEvent.ReadSecret(EncryptionLevel.HANDSHAKE, suite, secrets.client()));
    }

    private static ServerHello serverHello(byte[] random, CipherSuite suite, byte[] keyShare) {
        Extensions extensions = Extensions.builder()
                .add(ExtensionType.SUPPORTED_VERSIONS, ExtensionCodec.selected(ExtensionCodec.TLS_1_3))
                .add(ExtensionType.KEY_SHARE, keyShare)
                .build();
        return new ServerHello(0x0303, random, EMPTY, suite.id(), 0, extensions);
    }

    private void sendEncryptedExtensionsAndCertificate(Negotiation agreed) throws TlsAlertException {
        Extensions.Builder extensions = Extensions.builder();
        if (agreed.nameMatched()) {
            extensions.add(ExtensionType.SERVER_NAME, EMPTY);
        }
        if (agreed.group() != config.groups().getFirst()) {
            int[] groups = config.groups().stream().mapToInt(NamedGroup::id).toArray();
            extensions.add(ExtensionType.SUPPORTED_GROUPS, ExtensionCodec.codePoints(groups));
        }
        extensions
                .add(
                        ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
                        ExtensionCodec.protocols(List.of(agreed.alpn())))
                .add(ExtensionType.QUIC_TRANSPORT_PARAMETERS, transportParameters);
        send(EncryptionLevel.HANDSHAKE, new EncryptedExtensions(extensions.build()));
        List<CertificateEntry> entries = new ArrayList<>();
        try {
            for (X509Certificate certificate : agreed.identity().chain()) {
                entries.add(new CertificateEntry(certificate.getEncoded(), Extensions.NONE));
            }
        } catch (CertificateEncodingException e) {
            throw new TlsAlertException(TlsAlert.INTERNAL_ERROR, "our certificate does not encode", e);
        }
        send(EncryptionLevel.HANDSHAKE, new Certificate(EMPTY, entries));
    }

    @Override
    void onWorkDone(Delegated work) {
        KeySchedule keys = schedule;
        Negotiation agreed = negotiation;
        if (state != State.SIGNING || !(work instanceof SigningWork done) || keys == null || agreed == null) {
            throw new IllegalStateException("no such work in state " + state);
        }
        send(EncryptionLevel.HANDSHAKE, new CertificateVerify(done.scheme().id(), done.signature()));
        send(EncryptionLevel.HANDSHAKE, new Finished(keys.finished(KeySchedule.Side.SERVER, transcript.hash())));
        KeySchedule.TrafficSecrets secrets = keys.enterApplication(transcript.hash());
        emit(new TlsEvent.WriteSecret(EncryptionLevel.APPLICATION, agreed.suite(), secrets.server()));
        clientApplicationSecret = secrets.client(); // of no use to QUIC before the handshake is complete
        transition(State.WAIT_FINISHED);
    }

    private void onFinished(Finished message, byte[] encoded) throws TlsAlertException {
        KeySchedule keys = schedule;
        Negotiation agreed = negotiation;
        if (keys == null || agreed == null) {
            throw new IllegalStateException("no keys in state " + state);
        }
        ClientHandshake.checkFinished(message, keys.finished(KeySchedule.Side.CLIENT, transcript.hash()));
        transcript.add(encoded);
        readNextLevel(EncryptionLevel.APPLICATION);
        emit(new TlsEvent.ReadSecret(EncryptionLevel.APPLICATION, agreed.suite(), clientApplicationSecret));
        clientApplicationSecret = EMPTY;
        result = result();
        transition(State.CONNECTED);
        emit(new TlsEvent.Complete());
        wipeSecrets();
        transcript.release();
        negotiation = null;
        transportParameters = EMPTY;
    }

    private void send(EncryptionLevel level, HandshakeMessage message) {
        byte[] encoded = HandshakeCodec.encode(message);
        transcript.add(encoded);
        emit(new TlsEvent.CryptoData(level, encoded));
    }

    @Override
    void wipeSecrets() {
        Arrays.fill(clientApplicationSecret, (byte) 0);
        firstHello = null;
        if (schedule != null) {
            schedule.wipe();
            schedule = null;
        }
    }
}
