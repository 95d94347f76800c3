package dev.tokioj.cli;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.util.Arrays;

/** The bytes of a certificate for {@code localhost} that its own P-256 key signs (RFC 5280), and of that key. */
final class SelfSigned {
    private static final int COORDINATE = 32;
    private static final int SERIAL_BITS = 127;

    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid(1, 2, 840, 10045, 4, 3, 2));
    private static final byte[] EC_PUBLIC_KEY = Der.oid(1, 2, 840, 10045, 2, 1);
    private static final byte[] SECP256R1 = Der.oid(1, 2, 840, 10045, 3, 1, 7);
    private static final byte[] COMMON_NAME = Der.oid(2, 5, 4, 3);
    private static final byte[] SERVER_AUTH = Der.oid(1, 3, 6, 1, 5, 5, 7, 3, 1);

    /** Bit 0: digitalSignature. */
    private static final byte[] KEY_USAGE = Der.bits(7, new byte[] {(byte) 0x80});

    private SelfSigned() {}

    /** The certificate, valid between two times. */
    static byte[] certificate(KeyPair pair, String name, Instant notBefore, Instant notAfter, SecureRandom random)
            throws GeneralSecurityException {
        byte[] issuer = Der.sequence(Der.set(Der.sequence(COMMON_NAME, Der.text(name))));
        byte[] signed = Der.sequence(
                Der.explicit(0, Der.integer(2)), // version 3
                Der.integer(new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1)),
                ECDSA_WITH_SHA256,
                issuer,
                Der.sequence(Der.time(notBefore), Der.time(notAfter)),
                issuer,
                pair.getPublic().getEncoded(),
                Der.explicit(3, extensions()));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate(), random);
        signature.update(signed);
        return Der.sequence(signed, ECDSA_WITH_SHA256, Der.bits(0, signature.sign()));
    }

    private static byte[] extensions() {
        byte[] six = new byte[16];
        six[15] = 1;
        byte[] names = Der.sequence(
                Der.implicit(2, "localhost".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                Der.implicit(7, new byte[] {127, 0, 0, 1}),
                Der.implicit(7, six));
        return Der.sequence(
                Der.sequence(Der.oid(2, 5, 29, 19), Der.yes(), Der.octets(Der.sequence())), // basicConstraints: no CA
                Der.sequence(Der.oid(2, 5, 29, 15), Der.yes(), Der.octets(KEY_USAGE)),
                Der.sequence(Der.oid(2, 5, 29, 37), Der.octets(Der.sequence(SERVER_AUTH))),
                Der.sequence(Der.oid(2, 5, 29, 17), Der.octets(names)));
    }

    /**
     * The private key (RFC 5208, RFC 5915) with the public key inside, which the JDK's own encoding leaves out and GnuTLS,
     * for one, asks for.
     */
    static byte[] pkcs8(KeyPair pair) {
        byte[] spki = pair.getPublic().getEncoded();
        byte[] point = Arrays.copyOfRange(spki, spki.length - 1 - 2 * COORDINATE, spki.length);
        byte[] secret = unsigned(((ECPrivateKey) pair.getPrivate()).getS());
        byte[] sec1 = Der.sequence(Der.integer(1), Der.octets(secret), Der.explicit(1, Der.bits(0, point)));
        return Der.sequence(Der.integer(0), Der.sequence(EC_PUBLIC_KEY, SECP256R1), Der.octets(sec1));
    }

    private static byte[] unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] whole = new byte[COORDINATE];
        int length = Math.min(bytes.length, COORDINATE);
        System.arraycopy(bytes, bytes.length - length, whole, COORDINATE - length, length);
        return whole;
    }
}
