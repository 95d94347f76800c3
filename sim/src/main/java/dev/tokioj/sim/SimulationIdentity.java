package dev.tokioj.sim;

import dev.tokioj.tls.CertificateVerifier;
import dev.tokioj.tls.Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** The one certificate of simulated servers: fixed, so that a seed always sends the same bytes. Its key is public: it guards nothing. */
public final class SimulationIdentity {
    /** The name it is made for. */
    public static final String NAME = "sim.test";

    private SimulationIdentity() {}

    /** The certificate, which is its own issuer. */
    public static X509Certificate certificate() {
        try (InputStream in = resource("simulation.crt.pem")) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Trusts it and nothing else. */
    public static CertificateVerifier verifier() {
        try {
            return CertificateVerifier.trusting(List.of(certificate()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate with its key. */
    public static Identity identity() {
        try (InputStream in = resource("simulation.key.pem")) {
            String pem = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            String body = pem.replaceAll("-----[A-Z ]+-----", "");
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(body)));
            return new Identity(key, List.of(certificate()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InputStream resource(String name) {
        InputStream in = SimulationIdentity.class.getResourceAsStream(name);
        if (in == null) {
            throw new IllegalStateException(name + " is missing from the build");
        }
        return in;
    }
}
