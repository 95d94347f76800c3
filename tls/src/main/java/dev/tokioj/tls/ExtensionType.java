package dev.tokioj.tls;

import org.jspecify.annotations.Nullable;

/** The extensions we recognize and the messages they may be in (the table of RFC 8446 section 4.2, and later RFCs). */
enum ExtensionType {
    SERVER_NAME(0, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    MAX_FRAGMENT_LENGTH(1, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    STATUS_REQUEST(5, Place.CLIENT_HELLO, Place.CERTIFICATE_REQUEST, Place.CERTIFICATE),
    SUPPORTED_GROUPS(10, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    SIGNATURE_ALGORITHMS(13, Place.CLIENT_HELLO, Place.CERTIFICATE_REQUEST),
    USE_SRTP(14, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    HEARTBEAT(15, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    APPLICATION_LAYER_PROTOCOL_NEGOTIATION(16, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    SIGNED_CERTIFICATE_TIMESTAMP(18, Place.CLIENT_HELLO, Place.CERTIFICATE_REQUEST, Place.CERTIFICATE),
    CLIENT_CERTIFICATE_TYPE(19, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    SERVER_CERTIFICATE_TYPE(20, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS),
    PADDING(21, Place.CLIENT_HELLO),
    COMPRESS_CERTIFICATE(27, Place.CLIENT_HELLO, Place.CERTIFICATE_REQUEST),
    PRE_SHARED_KEY(41, Place.CLIENT_HELLO, Place.SERVER_HELLO),
    EARLY_DATA(42, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS, Place.NEW_SESSION_TICKET),
    SUPPORTED_VERSIONS(43, Place.CLIENT_HELLO, Place.SERVER_HELLO, Place.HELLO_RETRY_REQUEST),
    COOKIE(44, Place.CLIENT_HELLO, Place.HELLO_RETRY_REQUEST),
    PSK_KEY_EXCHANGE_MODES(45, Place.CLIENT_HELLO),
    CERTIFICATE_AUTHORITIES(47, Place.CLIENT_HELLO, Place.CERTIFICATE_REQUEST),
    OID_FILTERS(48, Place.CERTIFICATE_REQUEST),
    POST_HANDSHAKE_AUTH(49, Place.CLIENT_HELLO),
    SIGNATURE_ALGORITHMS_CERT(50, Place.CLIENT_HELLO, Place.CERTIFICATE_REQUEST),
    KEY_SHARE(51, Place.CLIENT_HELLO, Place.SERVER_HELLO, Place.HELLO_RETRY_REQUEST),
    /** RFC 9001 section 8.2. */
    QUIC_TRANSPORT_PARAMETERS(57, Place.CLIENT_HELLO, Place.ENCRYPTED_EXTENSIONS);

    /** Where a block of extensions is. */
    enum Place {
        CLIENT_HELLO(1),
        SERVER_HELLO(2),
        HELLO_RETRY_REQUEST(4),
        ENCRYPTED_EXTENSIONS(8),
        CERTIFICATE(16),
        CERTIFICATE_REQUEST(32),
        NEW_SESSION_TICKET(64);

        private final int bit;

        Place(int bit) {
            this.bit = bit;
        }
    }

    private final int code;
    private final int places; // a bit for each Place

    ExtensionType(int code, Place first, Place... others) {
        this.code = code;
        int bits = first.bit;
        for (Place place : others) {
            bits |= place.bit;
        }
        this.places = bits;
    }

    int code() {
        return code;
    }

    boolean mayBeIn(Place place) {
        return (places & place.bit) != 0;
    }

    static @Nullable ExtensionType of(int code) {
        for (ExtensionType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
