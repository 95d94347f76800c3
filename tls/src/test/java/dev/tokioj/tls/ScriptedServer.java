package dev.tokioj.tls;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server that says what a test tells it to, with a transcript and keys that are right: for what our own server never
 * sends. It knows X25519, AES-128-GCM and the identity of {@link Parties}.
 */
final class ScriptedServer {
    final TlsEngine client;
    final List<TlsEvent> clientEvents = new ArrayList<>();
    final Transcript transcript = new Transcript();
    private HandshakeMessage.@Nullable ClientHello hello;
    private @Nullable KeySchedule schedule;

    ScriptedServer(TlsClientConfig config) throws TlsAlertException {
        client = TlsEngine.client(config, "example.org", Pair.CLIENT_PARAMETERS);
        client.start();
        readClientHello();
    }

    HandshakeMessage.ClientHello hello() {
        return java.util.Objects.requireNonNull(hello);
    }

    private void readClientHello() throws TlsAlertException {
        byte[] encoded = take().getFirst();
        transcript.add(encoded);
        hello = Edits.clientHello(encoded);
    }

    /** Sends a HelloRetryRequest and takes the second ClientHello. */
    void retry(Extensions extensions) throws TlsAlertException {
        transcript.select(HashAlgorithm.SHA256);
        transcript.replaceWithMessageHash();
        say(
                EncryptionLevel.INITIAL,
                new HandshakeMessage.ServerHello(
                        0x0303,
                        HandshakeMessage.ServerHello.retryRandom(),
                        new byte[0],
                        CipherSuite.TLS_AES_128_GCM_SHA256.id(),
                        0,
                        extensions));
        readClientHello();
    }

    /** ServerHello and EncryptedExtensions. */
    void begin() throws TlsAlertException {
        List<ExtensionCodec.KeyShare> shares =
                ExtensionCodec.readClientShares(hello().extensions().require(ExtensionType.KEY_SHARE));
        KeyExchange.Answer answer = KeyExchange.answer(
                NamedGroup.X25519, shares.getFirst().keyExchange(), CryptoProvider.JDK, new SeededRandom(4));
        transcript.select(HashAlgorithm.SHA256);
        Extensions extensions = Extensions.builder()
                .add(ExtensionType.SUPPORTED_VERSIONS, ExtensionCodec.selected(ExtensionCodec.TLS_1_3))
                .add(
                        ExtensionType.KEY_SHARE,
                        ExtensionCodec.serverShare(new ExtensionCodec.KeyShare(NamedGroup.X25519.id(), answer.share())))
                .build();
        say(
                EncryptionLevel.INITIAL,
                new HandshakeMessage.ServerHello(
                        0x0303, new byte[32], new byte[0], CipherSuite.TLS_AES_128_GCM_SHA256.id(), 0, extensions));
        schedule = new KeySchedule(HashAlgorithm.SHA256, null, hello().random());
        schedule.enterHandshake(answer.secret(), transcript.hash());
        say(
                EncryptionLevel.HANDSHAKE,
                new HandshakeMessage.EncryptedExtensions(Extensions.builder()
                        .add(
                                ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
                                ExtensionCodec.protocols(List.of("h3")))
                        .add(ExtensionType.QUIC_TRANSPORT_PARAMETERS, Pair.SERVER_PARAMETERS)
                        .build()));
    }

    /** Certificate, CertificateVerify and Finished. */
    void authenticate() throws TlsAlertException {
        List<HandshakeMessage.CertificateEntry> entries = new ArrayList<>();
        for (java.security.cert.X509Certificate certificate : Parties.IDENTITY.chain()) {
            try {
                entries.add(new HandshakeMessage.CertificateEntry(certificate.getEncoded(), Extensions.NONE));
            } catch (java.security.cert.CertificateEncodingException e) {
                throw new IllegalStateException(e);
            }
        }
        say(EncryptionLevel.HANDSHAKE, new HandshakeMessage.Certificate(new byte[0], entries));
        byte[] signature = CertificateAuth.sign(
                CryptoProvider.JDK,
                Parties.IDENTITY.key(),
                SignatureScheme.ED25519,
                transcript.hash(),
                new SeededRandom(5));
        say(EncryptionLevel.HANDSHAKE, new HandshakeMessage.CertificateVerify(SignatureScheme.ED25519.id(), signature));
        say(
                EncryptionLevel.HANDSHAKE,
                new HandshakeMessage.Finished(keys().finished(KeySchedule.Side.SERVER, transcript.hash())));
    }

    KeySchedule keys() {
        return java.util.Objects.requireNonNull(schedule);
    }

    void say(EncryptionLevel level, HandshakeMessage message) throws TlsAlertException {
        byte[] encoded = HandshakeCodec.encode(message);
        transcript.add(encoded);
        client.receive(level, encoded, 0, encoded.length);
    }

    /** What the client has to say now; delegated work is run. */
    List<byte[]> take() throws TlsAlertException {
        List<byte[]> messages = new ArrayList<>();
        for (TlsEvent event = client.poll(); event != null; event = client.poll()) {
            clientEvents.add(event);
            if (event instanceof TlsEvent.CryptoData(var level, var data)) {
                messages.add(data);
            } else if (event instanceof TlsEvent.NeedsWork(var work)) {
                work.run();
                client.resume(work);
            }
        }
        return messages;
    }
}
