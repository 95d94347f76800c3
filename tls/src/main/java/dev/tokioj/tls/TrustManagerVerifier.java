package dev.tokioj.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Chain and host name validation by the JDK's trust managers, with HTTPS endpoint identification (RFC 9110 section 4.3.4)
 * for host names and IP addresses. Safe for use by several threads.
 */
public final class TrustManagerVerifier implements CertificateVerifier {
    /** Gives the trust manager for one check. */
    private interface Source {
        X509ExtendedTrustManager trustManager(List<X509Certificate> chain) throws GeneralSecurityException;
    }

    private final Source source;

    private TrustManagerVerifier(Source source) {
        this.source = source;
    }

    /** Asks the given trust manager; it decides by what time certificates' dates are checked. */
    public TrustManagerVerifier(X509ExtendedTrustManager trustManager) {
        this(_ -> trustManager);
    }

    static TrustManagerVerifier system() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init((KeyStore) null);
        return new TrustManagerVerifier(extended(factory));
    }

    static TrustManagerVerifier trusting(Collection<X509Certificate> authorities) throws GeneralSecurityException {
        PKIXBuilderParameters parameters = parameters(anchors(authorities));
        return new TrustManagerVerifier(trustManager(parameters));
    }

    static TrustManagerVerifier trusting(Collection<X509Certificate> authorities, CryptoProvider crypto)
            throws GeneralSecurityException {
        String name = crypto.installed();
        if (name == null) {
            return trusting(authorities);
        }
        Set<TrustAnchor> anchors = anchors(authorities);
        X509ExtendedTrustManager own = trustManager(parameters(anchors));
        PKIXBuilderParameters parameters = parameters(anchors);
        parameters.setSigProvider(name);
        X509ExtendedTrustManager preferred = trustManager(parameters);
        return new TrustManagerVerifier(chain -> crypto.verifiesSignaturesIn(chain) ? preferred : own);
    }

    static TrustManagerVerifier trusting(Collection<X509Certificate> authorities, InstantSource clock) {
        Set<TrustAnchor> anchors = anchors(authorities);
        // The JDK copies the date with the parameters, so each check needs a manager of its own.
        return new TrustManagerVerifier(_ -> {
            PKIXBuilderParameters parameters = parameters(anchors);
            parameters.setDate(Date.from(clock.instant()));
            return trustManager(parameters);
        });
    }

    @Override
    public void verify(List<X509Certificate> chain, String authType, String serverName) throws CertificateException {
        ServerName server = ServerName.of(serverName);
        X509ExtendedTrustManager trustManager;
        try {
            trustManager = source.trustManager(chain);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("no trust manager for this check", e);
        }
        trustManager.checkServerTrusted(
                chain.toArray(new X509Certificate[0]), authType, new EndpointIdentity(server, List.copyOf(chain)));
    }

    private static Set<TrustAnchor> anchors(Collection<X509Certificate> authorities) {
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException("at least one trusted certificate is needed");
        }
        Set<TrustAnchor> anchors = new HashSet<>();
        for (X509Certificate authority : authorities) {
            anchors.add(new TrustAnchor(authority, null));
        }
        return anchors;
    }

    private static PKIXBuilderParameters parameters(Set<TrustAnchor> anchors) throws GeneralSecurityException {
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
        parameters.setRevocationEnabled(false); // as the JDK's own default; a caller's trust manager may differ
        return parameters;
    }

    private static X509ExtendedTrustManager trustManager(PKIXBuilderParameters parameters)
            throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        return extended(factory);
    }

    private static X509ExtendedTrustManager extended(TrustManagerFactory factory) throws GeneralSecurityException {
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("the JDK's PKIX factory gave no extended trust manager");
    }
}
