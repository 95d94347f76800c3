package dev.tokioj.quic.connection;

import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.Identity;
import dev.tokioj.tls.IdentitySelector;
import dev.tokioj.tls.InsecureTrustAnyCertificate;
import dev.tokioj.tls.NamedGroup;
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsServerConfig;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** One self-signed identity for all tests, and the TLS configurations on it. */
final class TestTls {
    static final String ALPN = "test";
    private static final Identity IDENTITY = make();

    private TestTls() {}

    private static Identity make() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair key = generator.generateKeyPair();
            var name = new X500Principal("CN=localhost");
            var from = Date.from(Instant.parse("2020-01-01T00:00:00Z"));
            var until = Date.from(Instant.parse("2100-01-01T00:00:00Z"));
            var builder = new JcaX509v3CertificateBuilder(name, BigInteger.ONE, from, until, name, key.getPublic());
            var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
            var certificate = new JcaX509CertificateConverter().getCertificate(builder.build(signer));
            return new Identity(key.getPrivate(), List.of(certificate));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    static TlsServerConfig server(SecureRandom random) {
        return TlsServerConfig.builder(List.of(ALPN), IdentitySelector.of(IDENTITY), random)
                .build();
    }

    /** A client whose ClientHello fits one datagram. */
    static TlsClientConfig client(SecureRandom random) {
        return client(random, ALPN, List.of(NamedGroup.X25519), List.of(CipherSuite.TLS_AES_128_GCM_SHA256));
    }

    /** A client whose ClientHello, with its post-quantum key share, needs two datagrams. */
    static TlsClientConfig bigClient(SecureRandom random) {
        return client(random, ALPN, List.of(NamedGroup.values()), List.of(CipherSuite.values()));
    }

    static TlsClientConfig client(SecureRandom random, String alpn, List<NamedGroup> groups, List<CipherSuite> suites) {
        return TlsClientConfig.builder(List.of(alpn), new InsecureTrustAnyCertificate(), random)
                .groups(groups)
                .cipherSuites(suites)
                .build();
    }
}
