package dev.tokioj.tls;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;

/** The hash of a cipher suite: it feeds the transcript, HKDF and Finished (RFC 8446 section 7.1). */
public enum HashAlgorithm {
    /** SHA-256. */
    SHA256("SHA-256", "HmacSHA256", 32),
    /** SHA-384. */
    SHA384("SHA-384", "HmacSHA384", 48);

    private final String digestName;
    private final String macName;
    private final int length;

    HashAlgorithm(String digestName, String macName, int length) {
        this.digestName = digestName;
        this.macName = macName;
        this.length = length;
    }

    /** Length of the hash in bytes, also of every secret of the key schedule. */
    public int length() {
        return length;
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance(digestName);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + digestName, e);
        }
    }

    Mac mac() {
        try {
            return Mac.getInstance(macName);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + macName, e);
        }
    }
}
