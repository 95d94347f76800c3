package dev.tokioj.tls;

import java.nio.ByteBuffer;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells the JDK's trust managers which server is meant. They take that from an {@link SSLEngine} and its handshake
 * session, and check host name or IP address only if the engine asks for endpoint identification; this engine does
 * nothing else.
 */
final class EndpointIdentity extends SSLEngine {
    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final Session session;

    EndpointIdentity(ServerName server, List<Certificate> chain) {
        super(server.name(), -1);
        this.session = new Session(server, chain.toArray(new Certificate[0]));
    }

    @Override
    public SSLParameters getSSLParameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(PROTOCOLS.clone());
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }

    @Override
    public SSLSession getHandshakeSession() {
        return session;
    }

    @Override
    public SSLSession getSession() {
        return session;
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return getEnabledCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        CipherSuite[] suites = CipherSuite.values();
        String[] names = new String[suites.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = suites[i].name();
        }
        return names;
    }

    @Override
    public String[] getSupportedProtocols() {
        return PROTOCOLS.clone();
    }

    @Override
    public String[] getEnabledProtocols() {
        return PROTOCOLS.clone();
    }

    @Override
    public SSLEngineResult.HandshakeStatus getHandshakeStatus() {
        return SSLEngineResult.HandshakeStatus.NEED_TASK;
    }

    @Override
    public boolean getUseClientMode() {
        return true;
    }

    @Override
    public boolean getNeedClientAuth() {
        return false;
    }

    @Override
    public boolean getWantClientAuth() {
        return false;
    }

    @Override
    public boolean getEnableSessionCreation() {
        return false;
    }

    @Override
    public boolean isInboundDone() {
        return false;
    }

    @Override
    public boolean isOutboundDone() {
        return false;
    }

    @Override
    public @Nullable Runnable getDelegatedTask() {
        return null;
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) {
        throw notAnEngine();
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) {
        throw notAnEngine();
    }

    @Override
    public void closeInbound() {
        throw notAnEngine();
    }

    @Override
    public void closeOutbound() {
        throw notAnEngine();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        throw notAnEngine();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        throw notAnEngine();
    }

    @Override
    public void beginHandshake() {
        throw notAnEngine();
    }

    @Override
    public void setUseClientMode(boolean mode) {
        throw notAnEngine();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        throw notAnEngine();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        throw notAnEngine();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        throw notAnEngine();
    }

    private static UnsupportedOperationException notAnEngine() {
        return new UnsupportedOperationException("only names the server; carries no data");
    }

    /** The session in which the trust manager looks for the server's name. */
    private static final class Session extends ExtendedSSLSession {
        private final ServerName server;
        private final Certificate[] chain;

        Session(ServerName server, Certificate[] chain) {
            this.server = server;
            this.chain = chain;
        }

        @Override
        public String getPeerHost() {
            return server.name();
        }

        @Override
        public List<SNIServerName> getRequestedServerNames() {
            return server.isAddress() ? List.of() : List.of(new SNIHostName(server.name()));
        }

        @Override
        public String[] getLocalSupportedSignatureAlgorithms() {
            return SignatureScheme.certificateAlgorithmNames();
        }

        @Override
        public String[] getPeerSupportedSignatureAlgorithms() {
            return new String[0];
        }

        /** No OCSP staples: we do not ask for them yet. */
        @Override
        public List<byte[]> getStatusResponses() {
            return List.of();
        }

        @Override
        public String getProtocol() {
            return PROTOCOLS[0];
        }

        @Override
        public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
            if (chain.length == 0) {
                throw new SSLPeerUnverifiedException("no certificate");
            }
            return chain.clone();
        }

        @Override
        public Certificate @Nullable [] getLocalCertificates() {
            return null;
        }

        @Override
        public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
            throw new SSLPeerUnverifiedException("not verified yet");
        }

        @Override
        public @Nullable Principal getLocalPrincipal() {
            return null;
        }

        @Override
        public String getCipherSuite() {
            return CipherSuite.TLS_AES_128_GCM_SHA256.name();
        }

        @Override
        public int getPeerPort() {
            return -1;
        }

        @Override
        public byte[] getId() {
            return new byte[0];
        }

        @Override
        public @Nullable SSLSessionContext getSessionContext() {
            return null;
        }

        @Override
        public long getCreationTime() {
            return 0;
        }

        @Override
        public long getLastAccessedTime() {
            return 0;
        }

        @Override
        public void invalidate() {
            throw notAnEngine();
        }

        @Override
        public boolean isValid() {
            return true;
        }

        @Override
        public void putValue(String name, Object value) {
            throw notAnEngine();
        }

        @Override
        public @Nullable Object getValue(String name) {
            return null;
        }

        @Override
        public void removeValue(String name) {
            throw notAnEngine();
        }

        @Override
        public String[] getValueNames() {
            return new String[0];
        }

        @Override
        public int getPacketBufferSize() {
            return 0;
        }

        @Override
        public int getApplicationBufferSize() {
            return 0;
        }
    }
}
