package dev.tokioj.tls;

import org.jspecify.annotations.Nullable;

/** The server's side of the handshake. */
final class ServerHandshake extends TlsEngine {
    ServerHandshake(TlsServerConfig config, byte[] transportParameters) {
        super(config.limits());
    }

    @Override
    public boolean isComplete() {
        return false;
    }

    @Override
    public @Nullable HandshakeResult result() {
        return null;
    }

    @Override
    void begin() {
        throw new UnsupportedOperationException();
    }

    @Override
    void expect(HandshakeType type) {
        throw new UnsupportedOperationException();
    }

    @Override
    void onMessage(HandshakeMessage message, byte[] encoded) {
        throw new UnsupportedOperationException();
    }

    @Override
    void onWorkDone(Delegated work) {
        throw new UnsupportedOperationException();
    }

    @Override
    void wipeSecrets() {
        throw new UnsupportedOperationException();
    }
}
