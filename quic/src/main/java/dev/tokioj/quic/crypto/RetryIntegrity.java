package dev.tokioj.quic.crypto;

import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Version;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The integrity tag of Retry packets (RFC 9001 section 5.8). Stateless; any thread. */
public final class RetryIntegrity {
    /** The bytes of the tag at the end of a Retry packet. */
    public static final int TAG_LENGTH = 16;

    private RetryIntegrity() {}

    /**
     * The tag of the Retry packet {@code buf[off, end)}, which has none yet.
     *
     * @param odcid the Destination Connection ID of the Initial packet that the Retry answers
     */
    public static byte[] tag(byte[] buf, int off, int end, ConnectionId odcid, Version version) {
        try {
            // A new cipher each time: key and nonce are fixed, and a live one refuses to take them twice.
            Cipher gcm = Aead.cipher("AES/GCM/NoPadding");
            GCMParameterSpec nonce = new GCMParameterSpec(8 * TAG_LENGTH, version.retryNonce());
            gcm.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(version.retryKey(), "AES"), nonce);
            gcm.updateAAD(new byte[] {(byte) odcid.length()});
            gcm.updateAAD(odcid.toBytes());
            gcm.updateAAD(buf, off, end - off);
            return gcm.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM takes this key and nonce", e);
        }
    }

    /** Appends the tag to the Retry packet that {@code w} has written from {@code start} on. */
    public static void append(ByteWriter w, int start, ConnectionId odcid, Version version) {
        w.bytes(tag(w.array(), start, w.position(), odcid, version));
    }

    /** Whether the Retry packet {@code buf[off, end)} ends with the right tag; compared in constant time. */
    public static boolean verify(byte[] buf, int off, int end, ConnectionId odcid, Version version) {
        int tagOff = end - TAG_LENGTH;
        if (tagOff < off) {
            return false;
        }
        byte[] expected = tag(buf, off, tagOff, odcid, version);
        return MessageDigest.isEqual(expected, Arrays.copyOfRange(buf, tagOff, end));
    }
}
