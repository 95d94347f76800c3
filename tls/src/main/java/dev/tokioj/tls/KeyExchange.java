package dev.tokioj.tls;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import org.jspecify.annotations.Nullable;

/**
 * An ephemeral key of one group: a client {@linkplain #generate makes} it, sends {@link #share}, and {@linkplain #agree
 * agrees} on a secret from the server's share; a server {@linkplain #answer answers} a client's share. RFC 8446 sections
 * 4.2.8.2 and 7.4.2, and draft-ietf-tls-ecdhe-mlkem for the hybrid, whose shares and secrets have ML-KEM's part first.
 */
final class KeyExchange {
    private static final int KEM_KEY = 1184;
    private static final int KEM_CIPHERTEXT = 1088;
    private static final int KEM_MODULUS = 3329;
    private static final int KEM_COEFFICIENT_BYTES = 1152; // the rest of the key is a seed
    private static final byte[] KEM_PREFIX = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    /** The elliptic curve of a group. The prefix makes a SubjectPublicKeyInfo of a share, the form JCA reads. */
    private enum Curve {
        X25519("X25519", "X25519", 32, "302a300506032b656e032100"),
        P256("EC", "ECDH", 65, "3059301306072a8648ce3d020106082a8648ce3d030107034200"),
        P384("EC", "ECDH", 97, "3076301006072a8648ce3d020106052b81040022036200");

        private final String keyAlgorithm;
        private final String agreement;
        private final int shareLength;

        @SuppressWarnings("ImmutableEnumChecker") // never changed
        private final byte[] prefix;

        Curve(String keyAlgorithm, String agreement, int shareLength, String prefix) {
            this.keyAlgorithm = keyAlgorithm;
            this.agreement = agreement;
            this.shareLength = shareLength;
            this.prefix = HexFormat.of().parseHex(prefix);
        }

        static Curve of(NamedGroup group) {
            return switch (group) {
                case X25519MLKEM768, X25519 -> X25519;
                case SECP256R1 -> P256;
                case SECP384R1 -> P384;
            };
        }

        KeyPair generate(CryptoProvider crypto, SecureRandom random) throws GeneralSecurityException {
            AlgorithmParameterSpec parameters = switch (this) {
                case X25519 -> NamedParameterSpec.X25519;
                case P256 -> new ECGenParameterSpec("secp256r1");
                case P384 -> new ECGenParameterSpec("secp384r1");
            };
            return crypto.generate(keyAlgorithm, parameters, random);
        }

        byte[] share(KeyPair pair) {
            return tail(pair.getPublic(), shareLength);
        }

        /** The shared secret; JCA refuses points off the curve and X25519's points of small order. */
        byte[] agree(CryptoProvider crypto, PrivateKey own, byte[] peerShare) throws TlsAlertException {
            if (peerShare.length != shareLength) {
                throw illegal("a key share has the wrong length", null);
            }
            if (this != X25519 && peerShare[0] != 4) {
                throw illegal("a key share is not an uncompressed point", null);
            }
            try {
                PublicKey peer = publicKey(crypto, keyAlgorithm, prefix, peerShare);
                KeyAgreement exchange = crypto.keyAgreement(agreement, keyAlgorithm);
                exchange.init(own);
                exchange.doPhase(peer, true);
                return notZero(exchange.generateSecret());
            } catch (InvalidKeyException
                    | InvalidKeySpecException
                    | RuntimeException e) { // providers throw all of these
                throw illegal("a key share is not a usable point", e);
            } catch (GeneralSecurityException e) {
                throw failed(e);
            }
        }

        private byte[] notZero(byte[] secret) throws TlsAlertException {
            int bits = 0;
            for (byte b : secret) {
                bits |= b;
            }
            if (this == X25519 && bits == 0) {
                throw illegal("the shared secret is zero", null);
            }
            return secret;
        }
    }

    /** A server's side of the exchange. The secret is the caller's, who wipes it. */
    @SuppressWarnings("ArrayRecordComponent") // handed on at once, never compared
    record Answer(byte[] share, byte[] secret) {}

    private final CryptoProvider crypto;
    private final NamedGroup group;
    private final KeyPair curveKey;
    private final @Nullable KeyPair kemKey;

    KeyExchange(CryptoProvider crypto, NamedGroup group, KeyPair curveKey, @Nullable KeyPair kemKey) {
        this.crypto = crypto;
        this.group = group;
        this.curveKey = curveKey;
        this.kemKey = kemKey;
    }

    /** A client's new key. */
    static KeyExchange generate(NamedGroup group, CryptoProvider crypto, SecureRandom random) throws TlsAlertException {
        try {
            KeyPair kemKey = null;
            if (group == NamedGroup.X25519MLKEM768) {
                kemKey = crypto.generate("ML-KEM", NamedParameterSpec.ML_KEM_768, random);
            }
            return new KeyExchange(crypto, group, generateCurveKey(group, crypto, random), kemKey);
        } catch (GeneralSecurityException | ProviderException e) {
            throw failed(e);
        }
    }

    static KeyPair generateCurveKey(NamedGroup group, CryptoProvider crypto, SecureRandom random)
            throws GeneralSecurityException {
        return Curve.of(group).generate(crypto, random);
    }

    NamedGroup group() {
        return group;
    }

    /** The key_exchange value for the ClientHello. */
    byte[] share() {
        byte[] point = Curve.of(group).share(curveKey);
        return kemKey == null ? point : concat(tail(kemKey.getPublic(), KEM_KEY), point);
    }

    /** A client's shared secret from the server's key_exchange value. The caller wipes it. */
    byte[] agree(byte[] serverShare) throws TlsAlertException {
        Curve curve = Curve.of(group);
        if (kemKey == null) {
            return curve.agree(crypto, curveKey.getPrivate(), serverShare);
        }
        if (serverShare.length != KEM_CIPHERTEXT + curve.shareLength) {
            throw illegal("a hybrid key share has the wrong length", null);
        }
        byte[] ciphertext = Arrays.copyOf(serverShare, KEM_CIPHERTEXT);
        byte[] point = Arrays.copyOfRange(serverShare, KEM_CIPHERTEXT, serverShare.length);
        byte[] agreed = curve.agree(crypto, curveKey.getPrivate(), point);
        try {
            KEM.Decapsulator decapsulator = crypto.kem("ML-KEM").newDecapsulator(kemKey.getPrivate());
            return joinSecrets(decapsulator.decapsulate(ciphertext).getEncoded(), agreed);
        } catch (GeneralSecurityException | ProviderException e) {
            throw failed(e);
        }
    }

    /** A server's share and secret for a client's key_exchange value. */
    static Answer answer(NamedGroup group, byte[] clientShare, CryptoProvider crypto, SecureRandom random)
            throws TlsAlertException {
        Curve curve = Curve.of(group);
        KeyPair own;
        try {
            own = generateCurveKey(group, crypto, random);
        } catch (GeneralSecurityException | ProviderException e) {
            throw failed(e);
        }
        if (group != NamedGroup.X25519MLKEM768) {
            return new Answer(curve.share(own), curve.agree(crypto, own.getPrivate(), clientShare));
        }
        if (clientShare.length != KEM_KEY + curve.shareLength) {
            throw illegal("a hybrid key share has the wrong length", null);
        }
        byte[] kemKey = Arrays.copyOf(clientShare, KEM_KEY);
        byte[] point = Arrays.copyOfRange(clientShare, KEM_KEY, clientShare.length);
        KEM.Encapsulated encapsulated = encapsulate(crypto, kemKey, random);
        byte[] agreed = curve.agree(crypto, own.getPrivate(), point);
        return new Answer(
                concat(encapsulated.encapsulation(), curve.share(own)),
                joinSecrets(encapsulated.key().getEncoded(), agreed));
    }

    private static KEM.Encapsulated encapsulate(CryptoProvider crypto, byte[] key, SecureRandom random)
            throws TlsAlertException {
        checkModulus(key);
        try {
            PublicKey peer = publicKey(crypto, "ML-KEM", KEM_PREFIX, key);
            return crypto.kem("ML-KEM").newEncapsulator(peer, random).encapsulate();
        } catch (InvalidKeyException | InvalidKeySpecException | RuntimeException e) {
            throw illegal("an ML-KEM key is not valid", e);
        } catch (GeneralSecurityException e) {
            throw failed(e);
        }
    }

    /** The encapsulation key check of FIPS 203 section 7.2: every 12-bit coefficient is below the modulus. */
    private static void checkModulus(byte[] key) throws TlsAlertException {
        for (int i = 0; i < KEM_COEFFICIENT_BYTES; i += 3) {
            int low = (key[i] & 0xff) | ((key[i + 1] & 0x0f) << 8);
            int high = ((key[i + 1] & 0xff) >> 4) | ((key[i + 2] & 0xff) << 4);
            if (low >= KEM_MODULUS || high >= KEM_MODULUS) {
                throw illegal("an ML-KEM key is not reduced", null);
            }
        }
    }

    private static PublicKey publicKey(CryptoProvider crypto, String algorithm, byte[] prefix, byte[] share)
            throws GeneralSecurityException {
        return crypto.keyFactory(algorithm).generatePublic(new X509EncodedKeySpec(concat(prefix, share)));
    }

    private static byte[] tail(PublicKey key, int length) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - length, encoded.length);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] joinSecrets(byte[] first, byte[] second) {
        byte[] both = concat(first, second);
        Arrays.fill(first, (byte) 0);
        Arrays.fill(second, (byte) 0);
        return both;
    }

    private static TlsAlertException illegal(String reason, @Nullable Throwable cause) {
        return new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, reason, cause);
    }

    private static TlsAlertException failed(Exception cause) {
        return new TlsAlertException(TlsAlert.INTERNAL_ERROR, "the key exchange failed", cause);
    }
}
