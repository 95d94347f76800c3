package dev.tokioj.tls;

import org.jspecify.annotations.Nullable;

/** The key agreement groups this stack knows (RFC 8446 section 4.2.7, draft-ietf-tls-ecdhe-mlkem). */
public enum NamedGroup {
    /** ML-KEM-768 and X25519 together: safe while either of them is. */
    X25519MLKEM768(0x11EC),
    /** Curve25519. */
    X25519(0x001D),
    /** NIST P-256. */
    SECP256R1(0x0017),
    /** NIST P-384. */
    SECP384R1(0x0018);

    private final int id;

    NamedGroup(int id) {
        this.id = id;
    }

    /** The code point on the wire. */
    public int id() {
        return id;
    }

    static @Nullable NamedGroup of(int id) {
        for (NamedGroup group : values()) {
            if (group.id == id) {
                return group;
            }
        }
        return null;
    }
}
