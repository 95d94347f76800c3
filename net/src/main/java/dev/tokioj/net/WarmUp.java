package dev.tokioj.net;

import dev.tokioj.tls.CertificateVerifier;
import java.io.ByteArrayInputStream;
import java.net.IDN;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;

/**
 * Loads what a first handshake needs and the JDK makes only then, beside the loop instead of on it and while the peer's
 * answer is awaited: tables of names and of P-256, the security providers, for who asks the JDK about certificates also what
 * it reads for that. Each once a process; nothing depends on it.
 */
final class WarmUp {
    private static final AtomicBoolean HANDSHAKE_BEGUN = new AtomicBoolean();
    private static final AtomicBoolean CERTIFICATE_CHECK_BEGUN = new AtomicBoolean();

    /** The generator of P-256 (FIPS 186-5), a public key as good as any. */
    private static final String PUBLIC_KEY = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
            + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

    /** A certificate for localhost, signed with its own key, which nobody has kept. Nothing but {@link #checkOne} trusts it. */
    private static final String CERTIFICATE =
            "MIIBkjCCATmgAwIBAgIUMLh3+YCj+UF/zpQzsrK86gXvNNcwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2"
                    + "MTEyNzE5MTMxMVoXDTM2MTEyNDE5MTMxMVowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"
                    + "m/L6VXb23i9e/8Q+4JsI09ysTz0Xkqgbdfnirha2iB8R+cgvgpMepv50CtyvwC83tjvs80spwDyW7nJsC1UxtqNpMGcwHQYDVR0O"
                    + "BBYEFBlwMUU2QYfQr3vvpzVhN4m1oWBjMB8GA1UdIwQYMBaAFBlwMUU2QYfQr3vvpzVhN4m1oWBjMA8GA1UdEwEB/wQFMAMBAf8w"
                    + "FAYDVR0RBA0wC4IJbG9jYWxob3N0MAoGCCqGSM49BAMCA0cAMEQCIBNvY9sEK5coygnEqeguGqGVAUiYuzB4Ls1m3S1mSHQSAiAh"
                    + "SLzTu/OjxsVlVEWAKONQ2pamgmKZgm/Ip29Po+4iAg==";

    /** A moment at which that certificate is valid. */
    private static final Instant VALID = Instant.parse("2027-01-01T00:00:00Z");

    private WarmUp() {}

    /** Begins with what every endpoint needs, unless that was begun. Any thread. */
    static void handshake() {
        if (HANDSHAKE_BEGUN.compareAndSet(false, true)) {
            start(WarmUp::loadHandshake);
        }
    }

    /** Begins with what a client needs whose servers' certificates the JDK checks, unless that was begun. Any thread. */
    static void handshakeAndCertificateCheck() {
        boolean handshake = HANDSHAKE_BEGUN.compareAndSet(false, true);
        boolean check = CERTIFICATE_CHECK_BEGUN.compareAndSet(false, true);
        if (check) {
            // One thread: there may be no more than one processor to spare, and the handshake's part is needed first.
            start(() -> {
                if (handshake) {
                    loadHandshake();
                }
                loadCertificateCheck();
            });
        } else if (handshake) {
            start(WarmUp::loadHandshake);
        }
    }

    private static void start(Runnable load) {
        Thread.ofPlatform().daemon().name("tokioj-warm-up").start(load);
    }

    private static void loadHandshake() {
        try {
            IDN.toASCII("localhost");
            KeyAgreement.getInstance("X25519");
            KEM.getInstance("ML-KEM"); // looks through all providers
            var key = KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(PUBLIC_KEY)));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initVerify(key);
            signature.update(new byte[1]);
            // Not a true signature, which does not matter: r = s = 1 is enough to multiply points with.
            signature.verify(new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1});
        } catch (SignatureException e) {
            Shard.LOG.log(System.Logger.Level.TRACE, "P-256 warmed up", e);
        } catch (GeneralSecurityException e) {
            Shard.LOG.log(System.Logger.Level.DEBUG, "this JDK has no P-256, X25519 or ML-KEM to warm up", e);
        }
    }

    private static void loadCertificateCheck() {
        try {
            checkOne();
        } catch (GeneralSecurityException e) {
            Shard.LOG.log(System.Logger.Level.DEBUG, "this JDK does not check a certificate to warm up with", e);
        }
    }

    /**
     * Checks a certificate as a client does. At its first check of a name the JDK reads all authorities that it came with,
     * whomever the caller trusts: they may have no certificates for a whole top-level domain.
     *
     * @throws GeneralSecurityException the JDK has refused it
     */
    static void checkOne() throws GeneralSecurityException {
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(
                        new ByteArrayInputStream(Base64.getDecoder().decode(CERTIFICATE)));
        List<X509Certificate> chain = List.of(certificate);
        CertificateVerifier.trusting(chain, InstantSource.fixed(VALID)).verify(chain, "UNKNOWN", "localhost");
    }
}
