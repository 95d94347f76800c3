package dev.tokioj.quic.wire;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the versions of QUIC that this code can speak: their number, the bits of their long header types, their
 * Initial salt, their key labels and their Retry keys (RFC 9001 section 5, RFC 9369 section 3). Which of them an endpoint does
 * speak is its own setting. Immutable; any thread.
 */
public enum Version {
    /** RFC 9000. */
    V1(
            0x0000_0001,
            0,
            "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
            "quic",
            "be0c690b9f66575a1d766b54e368c84e",
            "461599d35d632bf2239825bb"),
    /** RFC 9369. */
    V2(
            0x6b33_43cf,
            1,
            "0dede3def700a6db819381be6e269dcbf9bd2ed9",
            "quicv2",
            "8fb4b01b56ac48e260fbcbcead7ccc92",
            "d86969bc2d7c6d9990efb04a");

    private static final Version[] ALL = values();
    private static final PacketType[] LONG_TYPES = {
        PacketType.INITIAL, PacketType.ZERO_RTT, PacketType.HANDSHAKE, PacketType.RETRY
    };

    private final int number;
    private final int typeShift;
    private final String initialSalt;
    private final String labelPrefix;
    private final String retryKey;
    private final String retryNonce;

    Version(int number, int typeShift, String salt, String labelPrefix, String retryKey, String retryNonce) {
        this.number = number;
        this.typeShift = typeShift;
        this.initialSalt = salt;
        this.labelPrefix = labelPrefix;
        this.retryKey = retryKey;
        this.retryNonce = retryNonce;
    }

    /** The version with the number {@code number}, or null. */
    public static @Nullable Version of(int number) {
        for (Version v : ALL) {
            if (v.number == number) {
                return v;
            }
        }
        return null;
    }

    /** Whether the number is one of those reserved to exercise version negotiation: 0x?a?a?a?a (RFC 9000 section 15). */
    public static boolean isReserved(int number) {
        return (number & 0x0f0f_0f0f) == 0x0a0a_0a0a;
    }

    /** The Version field on the wire. */
    public int number() {
        return number;
    }

    /** The salt of the Initial secrets (RFC 9001 section 5.2). */
    public byte[] initialSalt() {
        return HexFormat.of().parseHex(initialSalt);
    }

    /** The label of packet protection keys (RFC 9001 section 5.1). */
    public String keyLabel() {
        return labelPrefix + " key";
    }

    /** The label of packet protection IVs. */
    public String ivLabel() {
        return labelPrefix + " iv";
    }

    /** The label of header protection keys. */
    public String hpLabel() {
        return labelPrefix + " hp";
    }

    /** The label of the next secret in a key update (RFC 9001 section 6.1). */
    public String kuLabel() {
        return labelPrefix + " ku";
    }

    /** The key of the Retry integrity tag (RFC 9001 section 5.8). */
    public byte[] retryKey() {
        return HexFormat.of().parseHex(retryKey);
    }

    /** The nonce of the Retry integrity tag. */
    public byte[] retryNonce() {
        return HexFormat.of().parseHex(retryNonce);
    }

    /** The long header packet type that the two bits {@code bits} mean (RFC 9000 section 17.2, RFC 9369 section 3.2). */
    PacketType longType(int bits) {
        return LONG_TYPES[(bits - typeShift) & 3];
    }

    /** The two bits of a long header packet type. */
    int longTypeBits(PacketType type) {
        return switch (type) {
            case INITIAL -> typeShift;
            case ZERO_RTT -> 1 + typeShift;
            case HANDSHAKE -> 2 + typeShift;
            case RETRY -> (3 + typeShift) & 3;
            case VERSION_NEGOTIATION, ONE_RTT -> throw new IllegalArgumentException(type + " has no type bits");
        };
    }
}
