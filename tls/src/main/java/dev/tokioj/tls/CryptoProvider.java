package dev.tokioj.tls;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.util.List;
import java.util.Locale;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/**
 * Who does the expensive arithmetic of handshakes, key agreement and signatures: the JVM's own JCA providers, or another one
 * first. What that one lacks, or cannot do with a given key, the JVM's do: for each algorithm by itself, as {@link #toString}
 * tells. Hashes, key derivation and packet protection stay with the JVM's providers. Immutable; any thread.
 */
public final class CryptoProvider {
    /** The JVM's providers in their order, as {@code java.security} and {@link Security} have them. */
    public static final CryptoProvider JDK = new CryptoProvider(null, false, false, false);

    private static final String ACCP = "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
    private static final String CONSCRYPT = "org.conscrypt.OpenSSLProvider";

    private final @Nullable Provider preferred;
    private final boolean x25519;
    private final boolean ec;
    private final boolean mlKem;

    private CryptoProvider(@Nullable Provider preferred, boolean x25519, boolean ec, boolean mlKem) {
        this.preferred = preferred;
        this.x25519 = x25519;
        this.ec = ec;
        this.mlKem = mlKem;
    }

    /**
     * This provider first. It need not be installed. A key agreement that it offers is tried against the JDK's here, which
     * takes some milliseconds, and is left to the JDK if they do not agree.
     *
     * @param random for the trial
     * @throws IllegalArgumentException if it offers nothing that a handshake uses
     */
    public static CryptoProvider of(Provider provider, SecureRandom random) {
        CryptoProvider crypto = new CryptoProvider(
                provider,
                agrees(provider, NamedGroup.X25519, random),
                agrees(provider, NamedGroup.SECP256R1, random) && agrees(provider, NamedGroup.SECP384R1, random),
                agrees(provider, NamedGroup.X25519MLKEM768, random));
        if (!crypto.isOfUse()) {
            throw new IllegalArgumentException(
                    "the crypto provider " + provider.getName()
                            + " offers no key agreement or signature that TLS 1.3 uses; does its native library fit this machine?");
        }
        return crypto;
    }

    /** As {@link #named(String, ClassLoader, SecureRandom)}, with the class path or module path of the program. */
    public static CryptoProvider named(String name, SecureRandom random) {
        return named(name, CryptoProvider.class.getClassLoader(), random);
    }

    /**
     * A provider by name, in any case: {@code jdk}, {@code accp} (Amazon Corretto Crypto Provider), {@code conscrypt}, or the
     * JCA name of an installed one.
     *
     * @param loader finds the classes of the first two; their jars are not part of this project
     * @param random for {@link #of}
     * @throws IllegalArgumentException if there is no such provider, with what to do about it, or if it cannot be used
     */
    public static CryptoProvider named(String name, ClassLoader loader, SecureRandom random) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "jdk" -> JDK;
            case "accp" ->
                of(load(name, ACCP, "software.amazon.cryptools:AmazonCorrettoCryptoProvider", loader), random);
            case "conscrypt" -> of(load(name, CONSCRYPT, "org.conscrypt:conscrypt-openjdk-uber", loader), random);
            default -> of(installed(name), random);
        };
    }

    private static Provider load(String name, String className, String artifact, ClassLoader loader) {
        try {
            return Class.forName(className, true, loader)
                    .asSubclass(Provider.class)
                    .getConstructor()
                    .newInstance();
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(
                    "the crypto provider " + name + " is not on the class path: add the jar of " + artifact
                            + " for this system, or use jdk",
                    e);
        } catch (ReflectiveOperationException | ClassCastException | LinkageError e) {
            throw new IllegalArgumentException("the crypto provider " + name + " does not start: " + e, e);
        }
    }

    private static Provider installed(String name) {
        for (Provider provider : Security.getProviders()) {
            if (provider.getName().equalsIgnoreCase(name)) {
                return provider;
            }
        }
        throw new IllegalArgumentException("there is no crypto provider '" + name
                + "': jdk, accp, conscrypt, or the name of a JCA provider that is installed");
    }

    /** Its name and what it does, such as {@code "Conscrypt (X25519, P-256, P-384, ECDSA), else JDK"}. */
    @Override
    public String toString() {
        if (preferred == null) {
            return "JDK";
        }
        StringBuilder does = new StringBuilder();
        append(does, x25519, "X25519");
        append(does, ec, "P-256, P-384");
        append(does, mlKem, "ML-KEM-768");
        append(does, has("Signature", "SHA256withECDSA"), "ECDSA");
        append(does, has("Signature", "RSASSA-PSS"), "RSA-PSS");
        append(does, has("Signature", "Ed25519"), "Ed25519");
        return preferred.getName() + " (" + does + "), else JDK";
    }

    private static void append(StringBuilder list, boolean does, String what) {
        if (does) {
            list.append(list.isEmpty() ? "" : ", ").append(what);
        }
    }

    private boolean isOfUse() {
        return x25519 || ec || mlKem || has("Signature", "SHA256withECDSA") || has("Signature", "RSASSA-PSS");
    }

    private boolean has(String type, String algorithm) {
        return preferred != null && preferred.getService(type, algorithm) != null;
    }

    // ---- key agreement: all parts of one algorithm come from one provider ----

    private @Nullable Provider agreementProvider(String keyAlgorithm) {
        boolean able = switch (keyAlgorithm) {
            case "X25519" -> x25519;
            case "EC" -> ec;
            default -> mlKem;
        };
        return able ? preferred : null;
    }

    KeyPair generate(String algorithm, AlgorithmParameterSpec parameters, SecureRandom random)
            throws GeneralSecurityException {
        Provider provider = agreementProvider(algorithm);
        KeyPairGenerator generator = provider == null
                ? KeyPairGenerator.getInstance(algorithm)
                : KeyPairGenerator.getInstance(algorithm, provider);
        // "X25519" says all, and not every provider takes parameters for it; its randomness is then the provider's.
        if (provider == null || !algorithm.equals("X25519")) {
            generator.initialize(parameters, random);
        }
        return generator.generateKeyPair();
    }

    KeyFactory keyFactory(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = agreementProvider(algorithm);
        return provider == null ? KeyFactory.getInstance(algorithm) : KeyFactory.getInstance(algorithm, provider);
    }

    /** {@code keyAlgorithm}: that of the keys, which decides on the provider. */
    KeyAgreement keyAgreement(String algorithm, String keyAlgorithm) throws NoSuchAlgorithmException {
        Provider provider = agreementProvider(keyAlgorithm);
        return provider == null ? KeyAgreement.getInstance(algorithm) : KeyAgreement.getInstance(algorithm, provider);
    }

    KEM kem(String algorithm) throws NoSuchAlgorithmException {
        Provider provider = agreementProvider(algorithm);
        return provider == null ? KEM.getInstance(algorithm) : KEM.getInstance(algorithm, provider);
    }

    /** Whether a provider's exchange agrees with the JDK's in both roles; a provider may lack it, or shape its keys otherwise. */
    private static boolean agrees(Provider provider, NamedGroup group, SecureRandom random) {
        boolean hybrid = group == NamedGroup.X25519MLKEM768;
        boolean x25519 = group == NamedGroup.X25519;
        CryptoProvider tried = new CryptoProvider(provider, x25519, !x25519 && !hybrid, hybrid);
        try {
            return sameSecret(group, tried, JDK, random) && sameSecret(group, JDK, tried, random);
        } catch (TlsAlertException | RuntimeException e) {
            return false; // it has not all parts, or they do not fit: the JDK does this algorithm
        }
    }

    private static boolean sameSecret(
            NamedGroup group, CryptoProvider client, CryptoProvider server, SecureRandom random)
            throws TlsAlertException {
        KeyExchange exchange = KeyExchange.generate(group, client, random);
        KeyExchange.Answer answer = KeyExchange.answer(group, exchange.share(), server, random);
        return MessageDigest.isEqual(exchange.agree(answer.share()), answer.secret());
    }

    // ---- signatures ----

    /** The key as the preferred provider holds it, which spares it a translation for each signature; else the same. */
    PrivateKey translated(PrivateKey key) {
        String signature = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "RSASSA-PSS";
            default -> "Ed25519";
        };
        if (preferred == null || !has("Signature", signature)) {
            return key;
        }
        try {
            return (PrivateKey)
                    KeyFactory.getInstance(key.getAlgorithm(), preferred).translateKey(key);
        } catch (GeneralSecurityException | RuntimeException e) {
            return key; // it stays where it is, in an HSM perhaps: the provider that has it signs
        }
    }

    /** An object that signs; {@code random} null: the provider's own. */
    Signature signer(String algorithm, PrivateKey key, @Nullable SecureRandom random) throws GeneralSecurityException {
        if (has("Signature", algorithm)) {
            try {
                return initialized(Signature.getInstance(algorithm, preferred), key, random);
            } catch (InvalidKeyException | ProviderException e) {
                return initialized(Signature.getInstance(algorithm), key, random); // not a key for this provider
            }
        }
        return initialized(Signature.getInstance(algorithm), key, random);
    }

    private static Signature initialized(Signature signature, PrivateKey key, @Nullable SecureRandom random)
            throws InvalidKeyException {
        if (random == null) {
            signature.initSign(key);
        } else {
            signature.initSign(key, random);
        }
        return signature;
    }

    /**
     * The preferred provider's name for those who find providers by name alone, or null if there is none. It is then among the
     * JVM's providers: the last of them, so that nobody who does not ask for it gets it.
     */
    @Nullable String installed() {
        if (preferred == null) {
            return null;
        }
        if (Security.getProvider(preferred.getName()) == null) {
            Security.addProvider(preferred);
        }
        return preferred.getName();
    }

    /** Whether it can check how these certificates are signed. */
    boolean verifiesSignaturesIn(List<X509Certificate> chain) {
        for (X509Certificate certificate : chain) {
            String algorithm = certificate.getSigAlgName();
            if (algorithm.equals("RSASSA-PSS") || !has("Signature", algorithm)) {
                return false; // with PSS the name does not say which parameters it would have to know
            }
        }
        return true;
    }

    /** An object that verifies. */
    Signature verifier(String algorithm, PublicKey key) throws GeneralSecurityException {
        if (has("Signature", algorithm)) {
            try {
                return initialized(Signature.getInstance(algorithm, preferred), key);
            } catch (InvalidKeyException | ProviderException e) {
                return initialized(Signature.getInstance(algorithm), key); // not a key for this provider
            }
        }
        return initialized(Signature.getInstance(algorithm), key);
    }

    private static Signature initialized(Signature signature, PublicKey key) throws InvalidKeyException {
        signature.initVerify(key);
        return signature;
    }
}
