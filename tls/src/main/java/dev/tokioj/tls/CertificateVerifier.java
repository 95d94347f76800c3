package dev.tokioj.tls;

import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;

/**
 * Decides whether a server's certificate chain is trusted and names the server. It runs as delegated work, on whatever
 * thread that is given, and may block there.
 */
public interface CertificateVerifier {
    /**
     * Returns normally if the chain is trusted for the server.
     *
     * @param chain as the server sent it, its own certificate first; never empty
     * @param authType as {@link javax.net.ssl.X509TrustManager} wants it; always "UNKNOWN" in TLS 1.3
     * @param serverName the host name (ASCII) or IP address literal that the caller wants to reach
     * @throws CertificateException if not
     */
    void verify(List<X509Certificate> chain, String authType, String serverName) throws CertificateException;

    /** Trusts what the JDK's default trust store trusts, for the server's host name or IP address. */
    static CertificateVerifier system() throws GeneralSecurityException {
        return TrustManagerVerifier.system();
    }

    /** Trusts exactly these authorities (or self-signed servers), for the server's host name or IP address. */
    static CertificateVerifier trusting(Collection<X509Certificate> authorities) throws GeneralSecurityException {
        return TrustManagerVerifier.trusting(authorities);
    }

    /**
     * As {@link #trusting(Collection)}; the signatures of a chain are checked by this provider if it can do all of them. The
     * JDK finds it for that by name alone, so it is added to the JVM's providers, behind all others.
     */
    static CertificateVerifier trusting(Collection<X509Certificate> authorities, CryptoProvider crypto)
            throws GeneralSecurityException {
        return TrustManagerVerifier.trusting(authorities, crypto);
    }

    /** As {@link #trusting(Collection)}, with the time that certificates' dates are compared with. */
    static CertificateVerifier trusting(Collection<X509Certificate> authorities, InstantSource clock) {
        return TrustManagerVerifier.trusting(authorities, clock);
    }
}
