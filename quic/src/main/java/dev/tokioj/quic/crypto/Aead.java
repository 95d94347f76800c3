package dev.tokioj.quic.crypto;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.tls.CipherSuite;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * An AEAD (RFC 9001 section 5.3), used with one key after another: the key generations of a direction share it. JCA wants an
 * {@code init} for each packet; what garbage that makes beyond JCA's own is avoided with nonce parameters that are reused. The cipher
 * itself, most of a kilobyte, is made when it is needed and given up by {@link #rest}.
 */
final class Aead {
    static final int TAG_LENGTH = 16;
    static final int NONCE_LENGTH = 12;
    private static final int TAG_BITS = 8 * TAG_LENGTH;

    private final CipherSuite suite;
    private @Nullable Live live;

    Aead(CipherSuite suite) {
        this.suite = suite;
    }

    static Cipher cipher(String transformation) {
        try {
            return Cipher.getInstance(transformation);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + transformation, e);
        }
    }

    static String keyAlgorithm(CipherSuite suite) {
        return suite == CipherSuite.TLS_CHACHA20_POLY1305_SHA256 ? "ChaCha20" : "AES";
    }

    private Live live() {
        Live now = live;
        if (now == null) {
            now = new Live(suite);
            live = now;
        }
        return now;
    }

    /** Gives up the cipher until the next packet. */
    void rest() {
        live = null;
    }

    /** Encrypts {@code buf[off, off+len)} in place and puts the tag behind it. */
    void seal(SecretKey key, byte[] iv, long pn, byte[] buf, int aadOff, int aadLen, int off, int len) {
        Live l = live();
        Cipher cipher = l.cipher;
        try {
            cipher.init(Cipher.ENCRYPT_MODE, key, l.nonce(iv, pn));
            cipher.updateAAD(buf, aadOff, aadLen);
            cipher.doFinal(buf, off, len, buf, off);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing packet " + pn + " failed", e);
        }
    }

    /** Decrypts {@code buf[off, off+len)} in place; -1 if its tag is not authentic. */
    int open(SecretKey key, byte[] iv, long pn, byte[] buf, int aadOff, int aadLen, int off, int len) {
        if (len < TAG_LENGTH) {
            return -1;
        }
        Live l = live();
        Cipher cipher = l.cipher;
        try {
            cipher.init(Cipher.DECRYPT_MODE, key, l.nonce(iv, pn));
            cipher.updateAAD(buf, aadOff, aadLen);
            return cipher.doFinal(buf, off, len, buf, off);
        } catch (AEADBadTagException e) {
            return -1;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("opening packet " + pn + " failed", e);
        }
    }

    /** A cipher with its nonces. */
    private static final class Live {
        private final Cipher cipher;
        /**
         * Two, taken in turn: a cipher that encrypts keeps the last nonce array to refuse its reuse, so that array must not change
         * before the next {@code init} has compared it.
         */
        private final byte[][] nonces = new byte[2][NONCE_LENGTH];

        private final AlgorithmParameterSpec[] parameters;
        private int turn;

        Live(CipherSuite suite) {
            boolean chacha = suite == CipherSuite.TLS_CHACHA20_POLY1305_SHA256;
            this.cipher = cipher(chacha ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
            this.parameters = chacha
                    ? new AlgorithmParameterSpec[] {new ReusedIv(nonces[0]), new ReusedIv(nonces[1])}
                    : new AlgorithmParameterSpec[] {new ReusedGcm(nonces[0]), new ReusedGcm(nonces[1])};
        }

        /** The IV with the packet number laid over its end (RFC 9001 section 5.3). */
        AlgorithmParameterSpec nonce(byte[] iv, long pn) {
            turn ^= 1;
            byte[] nonce = nonces[turn];
            System.arraycopy(iv, 0, nonce, 0, NONCE_LENGTH);
            for (int i = 0; i < 8; i++) {
                nonce[NONCE_LENGTH - 1 - i] ^= (byte) (pn >>> (8 * i));
            }
            return parameters[turn];
        }

        void collect(ReadAhead.Builder to) {
            to.add(this);
            to.add(cipher);
            to.add(nonces);
            to.add(nonces[0]);
            to.add(nonces[1]);
            to.add(parameters);
            to.add(parameters[0]);
            to.add(parameters[1]);
        }
    }

    private static final class ReusedGcm extends GCMParameterSpec {
        private final byte[] nonce;

        ReusedGcm(byte[] nonce) {
            super(TAG_BITS, nonce);
            this.nonce = nonce;
        }

        @Override
        public byte[] getIV() {
            return nonce;
        }
    }

    private static final class ReusedIv extends IvParameterSpec {
        private final byte[] nonce;

        ReusedIv(byte[] nonce) {
            super(nonce);
            this.nonce = nonce;
        }

        @Override
        public byte[] getIV() {
            return nonce;
        }
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        if (live != null) {
            live.collect(to);
        }
    }
}
