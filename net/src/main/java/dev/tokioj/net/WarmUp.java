package dev.tokioj.net;

import java.net.IDN;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.KeyAgreement;

/**
 * Loads what a first handshake needs and the JDK makes only then, beside the loop instead of on it and while the peer's
 * answer is awaited: tables of names and of P-256, the security providers. Once a process; nothing depends on it.
 */
final class WarmUp {
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    /** The generator of P-256 (FIPS 186-5), a public key as good as any. */
    private static final String PUBLIC_KEY = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
            + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

    private WarmUp() {}

    /** Begins it, unless it was begun. Any thread. */
    static void begin() {
        if (BEGUN.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("tokioj-warm-up").start(WarmUp::run);
        }
    }

    private static void run() {
        try {
            IDN.toASCII("localhost");
            KeyAgreement.getInstance("X25519");
            var key = KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(PUBLIC_KEY)));
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initVerify(key);
            signature.update(new byte[1]);
            // Not a true signature, which does not matter: r = s = 1 is enough to multiply points with.
            signature.verify(new byte[] {0x30, 6, 2, 1, 1, 2, 1, 1});
        } catch (SignatureException e) {
            Shard.LOG.log(System.Logger.Level.TRACE, "P-256 warmed up", e);
        } catch (GeneralSecurityException e) {
            Shard.LOG.log(System.Logger.Level.DEBUG, "this JDK has no P-256 or X25519 to warm up", e);
        }
    }
}
