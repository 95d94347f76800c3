package dev.tokioj.tls;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.SecretKeySpec;

/** HKDF (RFC 5869) and TLS 1.3's use of it (RFC 8446 section 7.1), which QUIC's packet protection shares. */
public final class Hkdf {
    private static final byte[] LABEL_PREFIX = "tls13 ".getBytes(StandardCharsets.US_ASCII);

    private Hkdf() {}

    /** HKDF-Extract: concentrates the input keying material into one secret of the hash's length. */
    public static byte[] extract(HashAlgorithm hash, byte[] salt, byte[] inputKeyingMaterial) {
        Mac mac = keyed(hash, salt);
        return mac.doFinal(inputKeyingMaterial);
    }

    /** HKDF-Expand: {@code length} bytes, at most 255 times the hash's length. */
    public static byte[] expand(HashAlgorithm hash, byte[] secret, byte[] info, int length) {
        if (length < 0 || length > 255 * hash.length()) {
            throw new IllegalArgumentException("HKDF cannot expand to " + length + " bytes");
        }
        Mac mac = keyed(hash, secret);
        byte[] out = new byte[length];
        byte[] block = new byte[hash.length()];
        int done = 0;
        for (int counter = 1; done < length; counter++) {
            if (counter > 1) {
                mac.update(block);
            }
            mac.update(info);
            mac.update((byte) counter);
            finish(mac, block);
            int take = Math.min(block.length, length - done);
            System.arraycopy(block, 0, out, done, take);
            done += take;
        }
        Arrays.fill(block, (byte) 0);
        return out;
    }

    /**
     * HKDF-Expand-Label (RFC 8446 section 7.1).
     *
     * @param label without the "tls13 " prefix, such as {@code "quic key"}
     */
    public static byte[] expandLabel(HashAlgorithm hash, byte[] secret, String label, byte[] context, int length) {
        byte[] name = label.getBytes(StandardCharsets.US_ASCII);
        byte[] info = new byte[2 + 1 + LABEL_PREFIX.length + name.length + 1 + context.length];
        if (LABEL_PREFIX.length + name.length > 255 || context.length > 255) {
            throw new IllegalArgumentException("label or context too long");
        }
        info[0] = (byte) (length >> 8);
        info[1] = (byte) length;
        info[2] = (byte) (LABEL_PREFIX.length + name.length);
        System.arraycopy(LABEL_PREFIX, 0, info, 3, LABEL_PREFIX.length);
        System.arraycopy(name, 0, info, 3 + LABEL_PREFIX.length, name.length);
        int at = 3 + LABEL_PREFIX.length + name.length;
        info[at] = (byte) context.length;
        System.arraycopy(context, 0, info, at + 1, context.length);
        return expand(hash, secret, info, length);
    }

    /** HMAC of the message under the key. */
    static byte[] hmac(HashAlgorithm hash, byte[] key, byte[] message) {
        return keyed(hash, key).doFinal(message);
    }

    private static Mac keyed(HashAlgorithm hash, byte[] key) {
        Mac mac = hash.mac();
        try {
            // HMAC pads its key with zeros, so an absent salt is the same key as hash-length zeros (RFC 5869 2.2);
            // the JDK refuses an empty one.
            mac.init(new SecretKeySpec(key.length == 0 ? new byte[hash.length()] : key, "Hmac"));
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("HMAC takes any key", e);
        }
        return mac;
    }

    private static void finish(Mac mac, byte[] block) {
        try {
            mac.doFinal(block, 0);
        } catch (ShortBufferException e) {
            throw new IllegalStateException("the block has the hash's length", e);
        }
    }
}
