package dev.tokioj.tls;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/** Signature algorithms (RFC 8446 section 4.2.3), in our order of preference: the cheapest to verify or sign first. */
enum SignatureScheme {
    ECDSA_SECP256R1_SHA256(0x0403, Use.HANDSHAKE, "SHA256withECDSA", "EC", null),
    ED25519(0x0807, Use.HANDSHAKE, "Ed25519", "EdDSA", null),
    RSA_PSS_RSAE_SHA256(0x0804, Use.HANDSHAKE, "RSASSA-PSS", "RSA", "SHA-256"),
    ECDSA_SECP384R1_SHA384(0x0503, Use.HANDSHAKE, "SHA384withECDSA", "EC", null),
    RSA_PSS_RSAE_SHA384(0x0805, Use.HANDSHAKE, "RSASSA-PSS", "RSA", "SHA-384"),
    RSA_PSS_RSAE_SHA512(0x0806, Use.HANDSHAKE, "RSASSA-PSS", "RSA", "SHA-512"),
    /** For the signatures in certificates alone; never for CertificateVerify. */
    RSA_PKCS1_SHA256(0x0401, Use.CERTIFICATES, "SHA256withRSA", "RSA", null),
    RSA_PKCS1_SHA384(0x0501, Use.CERTIFICATES, "SHA384withRSA", "RSA", null),
    RSA_PKCS1_SHA512(0x0601, Use.CERTIFICATES, "SHA512withRSA", "RSA", null);

    private enum Use {
        HANDSHAKE,
        CERTIFICATES
    }

    private final int id;
    private final Use use;
    private final String jcaName;
    private final String keyAlgorithm;
    private final @Nullable String pssHash;

    SignatureScheme(int id, Use use, String jcaName, String keyAlgorithm, @Nullable String pssHash) {
        this.id = id;
        this.use = use;
        this.jcaName = jcaName;
        this.keyAlgorithm = keyAlgorithm;
        this.pssHash = pssHash;
    }

    int id() {
        return id;
    }

    static @Nullable SignatureScheme of(int id) {
        for (SignatureScheme scheme : values()) {
            if (scheme.id == id) {
                return scheme;
            }
        }
        return null;
    }

    /** The JCA names of what a certificate may be signed with. */
    static String[] certificateAlgorithmNames() {
        SignatureScheme[] schemes = values();
        String[] names = new String[schemes.length];
        for (int i = 0; i < schemes.length; i++) {
            names[i] = schemes[i].jcaName;
        }
        return names;
    }

    /** Whether a CertificateVerify may use this scheme with this key, public or private (RFC 8446 section 4.4.3). */
    boolean signsHandshakeWith(Key key) {
        if (use != Use.HANDSHAKE) {
            return false;
        }
        String algorithm = key.getAlgorithm();
        return switch (keyAlgorithm) {
            case "EC" -> algorithm.equals("EC") && key instanceof ECKey ec && isCurve(ec.getParams());
            case "EdDSA" ->
                algorithm.equals("Ed25519")
                        || (algorithm.equals("EdDSA")
                                && key instanceof EdECKey ed
                                && ed.getParams().getName().equals("Ed25519"));
            default -> algorithm.equals(keyAlgorithm);
        };
    }

    /** A signature object that signs, with this scheme's parameters; null: the provider's own randomness. */
    Signature signer(CryptoProvider crypto, PrivateKey key, @Nullable SecureRandom random)
            throws GeneralSecurityException {
        Signature signature = crypto.signer(jcaName, key, random);
        setParameters(signature);
        return signature;
    }

    /** A signature object that verifies, with this scheme's parameters. */
    Signature verifier(CryptoProvider crypto, PublicKey key) throws GeneralSecurityException {
        Signature signature = crypto.verifier(jcaName, key);
        setParameters(signature);
        return signature;
    }

    /** Only after the key: it decides on the provider, which parameters alone would fix too early (an HSM's key). */
    private void setParameters(Signature signature) throws GeneralSecurityException {
        if (pssHash != null) {
            MGF1ParameterSpec mask = new MGF1ParameterSpec(pssHash);
            int saltLength = switch (this) {
                case RSA_PSS_RSAE_SHA256 -> 32;
                case RSA_PSS_RSAE_SHA384 -> 48;
                default -> 64;
            };
            signature.setParameter(new PSSParameterSpec(pssHash, "MGF1", mask, saltLength, 1));
        }
    }

    private boolean isCurve(ECParameterSpec parameters) {
        ECParameterSpec own = switch (this) {
            case ECDSA_SECP256R1_SHA256 -> Curves.P256;
            case ECDSA_SECP384R1_SHA384 -> Curves.P384;
            default -> null;
        };
        return own != null
                && own.getCurve().equals(parameters.getCurve())
                && own.getGenerator().equals(parameters.getGenerator())
                && own.getOrder().equals(parameters.getOrder());
    }

    /** The JDK's parameters of the curves; looking them up costs more than comparing them. */
    private static final class Curves {
        static final ECParameterSpec P256 = named("secp256r1");
        static final ECParameterSpec P384 = named("secp384r1");

        private static ECParameterSpec named(String name) {
            try {
                AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
                parameters.init(new ECGenParameterSpec(name));
                return parameters.getParameterSpec(ECParameterSpec.class);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JDK has no " + name, e);
            }
        }
    }
}
