package dev.tokioj.quic.crypto;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.tls.CipherSuite;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.ChaCha20ParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * Header protection of one direction (RFC 9001 section 5.4); outlives key updates. One thread owns it.
 */
public final class HeaderProtection {
    /** The bytes of a sample. */
    public static final int SAMPLE_LENGTH = 16;
    /** The bytes of a mask that are used. */
    public static final int MASK_LENGTH = 5;

    private static final int LONG_FORM = 0x80;
    private static final byte[] ZEROS = new byte[MASK_LENGTH];

    private final boolean chacha;
    private final WipeableKey key;
    /** Made when it is needed: an idle connection has none. */
    private @Nullable Cipher cipher;

    private final byte[] block = new byte[SAMPLE_LENGTH];
    private final byte[] nonce = new byte[12];

    /** Takes the key. */
    HeaderProtection(CipherSuite suite, byte[] key) {
        this.chacha = suite == CipherSuite.TLS_CHACHA20_POLY1305_SHA256;
        this.key = new WipeableKey(Aead.keyAlgorithm(suite), key);
    }

    private Cipher cipher() throws GeneralSecurityException {
        Cipher live = cipher;
        if (live == null) {
            live = Aead.cipher(chacha ? "ChaCha20" : "AES/ECB/NoPadding");
            if (!chacha) {
                live.init(Cipher.ENCRYPT_MODE, key);
            }
            cipher = live;
        }
        return live;
    }

    /** Gives up the cipher until the next packet. */
    void rest() {
        cipher = null;
    }

    /**
     * The mask for the sample {@code sample[off, off+16)} (sections 5.4.3 and 5.4.4).
     *
     * @param mask receives {@link #MASK_LENGTH} bytes
     */
    public void mask(byte[] sample, int off, byte[] mask) {
        fillBlock(sample, off);
        System.arraycopy(block, 0, mask, 0, MASK_LENGTH);
    }

    /** Protects a header whose packet is sealed already: first byte and packet number (section 5.4.1). */
    void protect(byte[] buf, int headerOff, int pnOff, int pnLength) {
        fillBlock(buf, pnOff + 4);
        buf[headerOff] ^= (byte) (block[0] & firstByteBits(buf[headerOff]));
        maskPacketNumber(buf, pnOff, pnLength);
    }

    /**
     * Removes the protection in place: the first byte and the packet number become readable. The packet must be long enough
     * for the sample, as {@code PacketHeader.parse} has made sure.
     *
     * @return the length of the packet number, 1 to 4
     */
    int unprotect(byte[] buf, int headerOff, int pnOff) {
        fillBlock(buf, pnOff + 4);
        buf[headerOff] ^= (byte) (block[0] & firstByteBits(buf[headerOff]));
        int pnLength = (buf[headerOff] & 0x03) + 1;
        maskPacketNumber(buf, pnOff, pnLength);
        return pnLength;
    }

    private static int firstByteBits(byte first) {
        return (first & LONG_FORM) != 0 ? 0x0f : 0x1f;
    }

    private void maskPacketNumber(byte[] buf, int pnOff, int pnLength) {
        for (int i = 0; i < pnLength; i++) {
            buf[pnOff + i] ^= block[1 + i];
        }
    }

    private void fillBlock(byte[] sample, int off) {
        try {
            if (chacha) {
                int counter = (sample[off] & 0xff)
                        | (sample[off + 1] & 0xff) << 8
                        | (sample[off + 2] & 0xff) << 16
                        | sample[off + 3] << 24;
                System.arraycopy(sample, off + 4, nonce, 0, nonce.length);
                // Decrypting is the same stream, and does not refuse a sample that comes twice, as a copied packet's
                // does.
                Cipher stream = cipher();
                stream.init(Cipher.DECRYPT_MODE, key, new ChaCha20ParameterSpec(nonce, counter));
                stream.doFinal(ZEROS, 0, MASK_LENGTH, block, 0);
            } else {
                cipher().update(sample, off, SAMPLE_LENGTH, block, 0);
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("header protection failed", e);
        }
    }

    /** Wipes the key; the object is of no use afterwards. */
    void destroy() {
        key.destroy();
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(block);
        to.add(cipher);
        key.collect(to);
    }
}
