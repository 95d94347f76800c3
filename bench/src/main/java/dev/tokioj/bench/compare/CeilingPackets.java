package dev.tokioj.bench.compare;

import java.security.GeneralSecurityException;
import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Trains of packets with QUIC's protection (RFC 9001 section 5) and nothing else: AES-128-GCM and a header mask. One thread. */
final class CeilingPackets {
    /** First byte, a connection ID of eight, a packet number of four. */
    private static final int PN_AT = 9;

    private static final int PN_LENGTH = 4;
    private static final int HEADER = PN_AT + PN_LENGTH;
    private static final int SAMPLE_AT = PN_AT + 4;
    private static final int TAG = 16;
    private static final int IV = 12;
    private static final byte FIRST_BYTE = 0x43;
    private static final int FIRST_MASK = 0x1f;

    private final SecretKeySpec key = new SecretKeySpec(new byte[16], "AES");
    private final Cipher aead = Cipher.getInstance("AES/GCM/NoPadding");
    private final Cipher mask = Cipher.getInstance("AES/ECB/NoPadding");
    private final byte[] iv = new byte[IV];
    private final byte[] masked = new byte[16];
    private final byte[] plain = new byte[2048];
    private final int size;
    private int pn;

    CeilingPackets(int size) throws GeneralSecurityException {
        this.size = size;
        mask.init(Cipher.ENCRYPT_MODE, key);
        new SplittableRandom(1).nextBytes(plain);
    }

    /** Seals so many packets into the array, one after the other; answers their length. */
    int seal(byte[] train, int count) throws GeneralSecurityException {
        for (int i = 0; i < count; i++) {
            int at = i * size;
            train[at] = FIRST_BYTE;
            pn++;
            for (int k = 0; k < PN_LENGTH; k++) {
                train[at + PN_AT + k] = (byte) (pn >>> (8 * (PN_LENGTH - 1 - k)));
            }
            init(Cipher.ENCRYPT_MODE, train, at);
            aead.doFinal(plain, 0, size - HEADER - TAG, train, at + HEADER);
            mask(train, at);
        }
        return count * size;
    }

    /** Opens all packets in the array; one that is forged is an exception. */
    void open(byte[] train, int length) throws GeneralSecurityException {
        for (int at = 0; at + size <= length; at += size) {
            mask(train, at);
            init(Cipher.DECRYPT_MODE, train, at);
            aead.doFinal(train, at + HEADER, size - HEADER, plain, 0);
        }
    }

    private void init(int mode, byte[] train, int at) throws GeneralSecurityException {
        System.arraycopy(train, at + PN_AT, iv, IV - PN_LENGTH, PN_LENGTH);
        aead.init(mode, key, new GCMParameterSpec(8 * TAG, iv));
        aead.updateAAD(train, at, HEADER);
    }

    private void mask(byte[] train, int at) throws GeneralSecurityException {
        mask.update(train, at + SAMPLE_AT, masked.length, masked, 0);
        train[at] ^= (byte) (masked[0] & FIRST_MASK);
        for (int k = 0; k < PN_LENGTH; k++) {
            train[at + PN_AT + k] ^= masked[1 + k];
        }
    }
}
