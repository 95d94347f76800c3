package dev.tokioj.tls;

import java.security.cert.X509Certificate;
import java.util.List;

/** Trusts every server: whoever sits on the path can read and change everything. For experiments on one's own machine. */
public final class InsecureTrustAnyCertificate implements CertificateVerifier {
    /** Creates it; the name is the warning. */
    public InsecureTrustAnyCertificate() {}

    @Override
    public void verify(List<X509Certificate> chain, String authType, String serverName) {
        // Nothing is checked: that is what the name promises. The server still proves that it has the key.
    }
}
