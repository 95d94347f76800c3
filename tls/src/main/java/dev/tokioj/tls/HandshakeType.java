package dev.tokioj.tls;

import org.jspecify.annotations.Nullable;

/** The handshake messages of TLS 1.3 (RFC 8446 section 4). */
enum HandshakeType {
    CLIENT_HELLO(1),
    /** Also HelloRetryRequest, which is told apart by its random. */
    SERVER_HELLO(2),
    NEW_SESSION_TICKET(4),
    END_OF_EARLY_DATA(5),
    ENCRYPTED_EXTENSIONS(8),
    CERTIFICATE(11),
    CERTIFICATE_REQUEST(13),
    CERTIFICATE_VERIFY(15),
    FINISHED(20),
    KEY_UPDATE(24),
    /** Only in transcripts, in place of the first ClientHello (RFC 8446 section 4.4.1). */
    MESSAGE_HASH(254);

    private final int code;

    HandshakeType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The type with this code that may come from a peer, or null. */
    static @Nullable HandshakeType of(int code) {
        for (HandshakeType type : values()) {
            if (type.code == code && type != MESSAGE_HASH) {
                return type;
            }
        }
        return null;
    }
}
