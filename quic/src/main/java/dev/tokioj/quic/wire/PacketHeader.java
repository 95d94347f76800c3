package dev.tokioj.quic.wire;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The unprotected part of a packet's header, and where everything in it is (RFC 8999, RFC 9000 section 17). A view that is
 * reused: {@link #parse} points it at the next packet and allocates nothing, and the getters are good until the next call. The
 * writers of headers are at the end. One thread owns it.
 *
 * <p>A header that cannot be read is not a connection error: anyone can send one. So {@link #parse} throws nothing and says why the
 * packet is dropped. The bits under header protection (packet number and its length, reserved bits, key phase) are not looked at
 * here.
 */
public final class PacketHeader {
    /** What {@link #parse} found. */
    public enum Outcome {
        /** A packet of a version this endpoint speaks; all getters that its type has are good. */
        PACKET,
        /** A long header of another version: version and connection IDs are good, and {@link #packetEnd()} is the datagram's. */
        UNSUPPORTED_VERSION,
        /** Dropped: the Fixed Bit is 0 (RFC 9000 sections 17.2 and 17.3.1). With the rest of the datagram. */
        FIXED_BIT_CLEAR,
        /** Dropped: a connection ID of more than 20 bytes in a version that has none (section 17.2). With the rest. */
        CONNECTION_ID_TOO_LONG,
        /** Dropped: the datagram ends within the header, or before the packet does. With the rest of the datagram. */
        TRUNCATED,
        /**
         * Dropped: too short to be sampled for header protection (RFC 9001 section 5.4.2). {@link #packetEnd()} is good: other
         * packets may follow. With a short header it can still be a Stateless Reset.
         */
        TOO_SHORT
    }

    private static final int LONG_FORM = 0x80;
    private static final int FIXED_BIT = 0x40;
    /** Packet number bytes as far as the sample is concerned, and the sample (RFC 9001 section 5.4.2). */
    private static final int SAMPLE_END = 4 + 16;

    private static final int RETRY_TAG = 16;

    private boolean acceptClearedFixedBit;
    private final Set<Version> supported;
    /** The one that it reads now; null: any of them. */
    private @Nullable Version only;

    private byte[] buf = {};
    private int start;
    private PacketType type = PacketType.ONE_RTT;
    private @Nullable Version version;
    private int versionNumber;
    private int dcidOff;
    private int dcidLen;
    private int scidOff;
    private int scidLen;
    private int tokenOff;
    private int tokenLen;
    private int pnOff;
    private int packetEnd;

    /** A view for an endpoint that speaks version 1 and drops packets without the Fixed Bit. */
    public PacketHeader() {
        this(false, Version.V1);
    }

    /**
     * A view for an endpoint with settings of its own.
     *
     * @param acceptClearedFixedBit whether the endpoint sends grease_quic_bit and so takes packets whose Fixed Bit is 0 (RFC 9287)
     * @param supported the versions it speaks
     */
    public PacketHeader(boolean acceptClearedFixedBit, Version... supported) {
        this.acceptClearedFixedBit = acceptClearedFixedBit;
        this.supported = Set.of(supported);
    }

    /**
     * From here on it reads the packets of one connection, which has a version of its own.
     *
     * @param acceptClearedFixedBit as for the constructor
     */
    public void readFor(boolean acceptClearedFixedBit, Version version) {
        this.acceptClearedFixedBit = acceptClearedFixedBit;
        only = version;
    }

    /**
     * Reads the header of the packet at {@code off}. In a datagram of several packets (section 12.2) the next begins at
     * {@link #packetEnd()}, as long as that is before {@code end}.
     *
     * @param end where the datagram ends
     * @param shortCidLength the length of the connection IDs this endpoint gave out: short headers do not tell it
     */
    public Outcome parse(byte[] buf, int off, int end, int shortCidLength) {
        this.buf = buf;
        this.start = off;
        this.packetEnd = end;
        this.version = null;
        this.versionNumber = 0;
        this.dcidOff = off;
        this.dcidLen = 0;
        this.scidOff = off;
        this.scidLen = 0;
        this.tokenOff = off;
        this.tokenLen = 0;
        this.pnOff = end;
        if (off >= end) {
            return Outcome.TRUNCATED;
        }
        if ((buf[off] & LONG_FORM) == 0) {
            return parseShort(end, shortCidLength);
        }
        return parseLong(end);
    }

    private Outcome parseShort(int end, int shortCidLength) {
        type = PacketType.ONE_RTT;
        dcidOff = start + 1;
        dcidLen = shortCidLength;
        pnOff = dcidOff + dcidLen;
        if ((buf[start] & FIXED_BIT) == 0 && !acceptClearedFixedBit) {
            return Outcome.FIXED_BIT_CLEAR;
        }
        return end - pnOff < SAMPLE_END ? Outcome.TOO_SHORT : Outcome.PACKET;
    }

    private Outcome parseLong(int end) {
        // The invariants of RFC 8999 section 5.1: form, version, connection IDs of up to 255 bytes.
        if (end - start < 7) {
            return Outcome.TRUNCATED;
        }
        versionNumber = (int) number(start + 1, 4);
        dcidOff = start + 6;
        dcidLen = buf[start + 5] & 0xff;
        if (dcidLen >= end - dcidOff) {
            return Outcome.TRUNCATED;
        }
        scidOff = dcidOff + dcidLen + 1;
        scidLen = buf[scidOff - 1] & 0xff;
        if (scidLen > end - scidOff) {
            return Outcome.TRUNCATED;
        }
        if (versionNumber == 0) {
            return versionNegotiation(end);
        }
        Version known = supportedVersion();
        if (known == null) {
            return Outcome.UNSUPPORTED_VERSION;
        }
        version = known;
        if (dcidLen > ConnectionId.MAX_LENGTH || scidLen > ConnectionId.MAX_LENGTH) {
            return Outcome.CONNECTION_ID_TOO_LONG;
        }
        if ((buf[start] & FIXED_BIT) == 0 && !acceptClearedFixedBit) {
            return Outcome.FIXED_BIT_CLEAR;
        }
        type = known.longType((buf[start] & 0x30) >>> 4);
        int at = scidOff + scidLen;
        return type == PacketType.RETRY ? retry(at, end) : protectedLong(at, end);
    }

    /** A list of at least one version, to the end of the datagram (RFC 8999 section 6, RFC 9000 section 17.2.1). */
    private Outcome versionNegotiation(int end) {
        type = PacketType.VERSION_NEGOTIATION;
        tokenOff = scidOff + scidLen;
        tokenLen = end - tokenOff;
        return tokenLen == 0 || tokenLen % 4 != 0 ? Outcome.TRUNCATED : Outcome.PACKET;
    }

    /** A token and its integrity tag, to the end of the datagram (section 17.2.5). */
    private Outcome retry(int at, int end) {
        tokenOff = at;
        tokenLen = end - at - RETRY_TAG;
        if (tokenLen < 0) {
            tokenLen = 0;
            return Outcome.TRUNCATED;
        }
        return Outcome.PACKET;
    }

    /** In an Initial packet the token; then Length, packet number and payload (sections 17.2.2 to 17.2.4). */
    private Outcome protectedLong(int from, int end) {
        int at = from;
        if (type == PacketType.INITIAL) {
            long token = varInt(at, end);
            at += varIntSize(at, end);
            if (token < 0 || token > end - at) {
                return Outcome.TRUNCATED;
            }
            tokenOff = at;
            tokenLen = (int) token;
            at += tokenLen;
        }
        long length = varInt(at, end);
        at += varIntSize(at, end);
        if (length < 0 || length > end - at) {
            return Outcome.TRUNCATED;
        }
        pnOff = at;
        packetEnd = at + (int) length;
        return length < SAMPLE_END ? Outcome.TOO_SHORT : Outcome.PACKET;
    }

    private @Nullable Version supportedVersion() {
        Version known = Version.of(versionNumber);
        boolean isSpoken = only == null ? known != null && supported.contains(known) : known == only;
        return isSpoken ? known : null;
    }

    /** The size of the variable-length integer at {@code at}, 0 if there is no byte. */
    private int varIntSize(int at, int end) {
        return at < end ? VarInt.lengthByFirstByte(buf[at]) : 0;
    }

    /** The variable-length integer at {@code at}, -1 if it does not end before {@code end}. */
    private long varInt(int at, int end) {
        int size = varIntSize(at, end);
        if (size == 0 || size > end - at) {
            return -1;
        }
        return number(at, size) & (-1L >>> (66 - 8 * size));
    }

    private long number(int at, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value = (value << 8) | (buf[at + i] & 0xff);
        }
        return value;
    }

    /** The kind of packet. Good after {@link Outcome#PACKET} and {@link Outcome#TOO_SHORT}. */
    public PacketType type() {
        return type;
    }

    /** Whether the header is a long one. */
    public boolean isLong() {
        return (buf[start] & LONG_FORM) != 0;
    }

    /** The version of a long header, one of those the endpoint speaks; null in Version Negotiation and short headers. */
    public @Nullable Version version() {
        return version;
    }

    /** The Version field of a long header; 0 in Version Negotiation and short headers. */
    public int versionNumber() {
        return versionNumber;
    }

    /** Where the packet begins. */
    public int start() {
        return start;
    }

    /** Where the Destination Connection ID begins. */
    public int dcidOffset() {
        return dcidOff;
    }

    /** Its length; more than 20 only in other versions and Version Negotiation. */
    public int dcidLength() {
        return dcidLen;
    }

    /** Where the Source Connection ID begins; nowhere in a short header. */
    public int scidOffset() {
        return scidOff;
    }

    /** Its length, 0 in a short header; more than 20 only in other versions and Version Negotiation. */
    public int scidLength() {
        return scidLen;
    }

    /** A copy of the Destination Connection ID, of at most 20 bytes. */
    public ConnectionId dcid() {
        return ConnectionId.of(buf, dcidOff, dcidLen);
    }

    /** A copy of the Source Connection ID, of at most 20 bytes. */
    public ConnectionId scid() {
        return ConnectionId.of(buf, scidOff, scidLen);
    }

    /** Where the token of an Initial or Retry packet begins. */
    public int tokenOffset() {
        return tokenOff;
    }

    /** Its length: 0 if there is none. */
    public int tokenLength() {
        return tokenLen;
    }

    /** Where the protected packet number begins, in packets that have one. */
    public int pnOffset() {
        return pnOff;
    }

    /** Where the packet ends: the index after its last byte. */
    public int packetEnd() {
        return packetEnd;
    }

    /** How many versions a Version Negotiation packet lists. */
    public int versionCount() {
        return type == PacketType.VERSION_NEGOTIATION ? tokenLen / 4 : 0;
    }

    /** The version at {@code index} in the list of a Version Negotiation packet. */
    public int versionAt(int index) {
        if (index < 0 || index >= versionCount()) {
            throw new IndexOutOfBoundsException(index);
        }
        return (int) number(tokenOff + 4 * index, 4);
    }

    /** The Key Phase bit of an unprotected short header (section 17.3.1). */
    public static boolean keyPhase(byte[] buf, int headerOff) {
        return (buf[headerOff] & 0x04) != 0;
    }

    /** The spin bit of a short header (section 17.4). */
    public static boolean spin(byte[] buf, int headerOff) {
        return (buf[headerOff] & 0x20) != 0;
    }

    /**
     * Whether a reserved bit of an unprotected header is set: a PROTOCOL_VIOLATION, but only once the packet has been opened
     * (sections 17.2 and 17.3.1).
     */
    public static boolean reservedBitSet(byte[] buf, int headerOff) {
        return (buf[headerOff] & ((buf[headerOff] & LONG_FORM) != 0 ? 0x0c : 0x18)) != 0;
    }

    /**
     * Writes the header of an Initial, 0-RTT or Handshake packet, its packet number included (section 17.2). Its Length has two
     * bytes and is set by {@link #setLength} once the payload is there.
     *
     * @param token the token of an Initial packet, empty in others
     * @param pnLength the bytes of the packet number, 1 to 4
     * @return where the Length field is
     */
    public static int writeLong(
            ByteWriter w,
            PacketType type,
            Version version,
            ConnectionId dcid,
            ConnectionId scid,
            byte[] token,
            long pn,
            int pnLength) {
        w.u8(LONG_FORM | FIXED_BIT | version.longTypeBits(type) << 4 | pnLength - 1);
        w.u32(version.number());
        writeCids(w, dcid, scid);
        if (type == PacketType.INITIAL) {
            w.varInt(token.length).bytes(token);
        }
        int lengthAt = w.reserve(2);
        w.truncated(pn, pnLength);
        return lengthAt;
    }

    /** The bytes of {@link #writeLong}, for type INITIAL with its token. */
    public static int longSize(PacketType type, int dcidLen, int scidLen, int tokenLen, int pnLength) {
        int token = type == PacketType.INITIAL ? VarInt.length(tokenLen) + tokenLen : 0;
        return 1 + 4 + 1 + dcidLen + 1 + scidLen + token + 2 + pnLength;
    }

    /**
     * Sets the Length of a long header: the bytes of packet number, payload and tag, at most 16383.
     *
     * @param at what {@link #writeLong} returned
     */
    public static void setLength(byte[] buf, int at, int length) {
        if (length < 0 || length >= 1 << 14) {
            throw new IllegalArgumentException("length " + length);
        }
        buf[at] = (byte) (0x40 | length >>> 8);
        buf[at + 1] = (byte) length;
    }

    /** Writes the header of a 1-RTT packet, its packet number included (section 17.3.1). */
    public static void writeShort(
            ByteWriter w, ConnectionId dcid, boolean spin, boolean keyPhase, long pn, int pnLength) {
        w.u8(FIXED_BIT | (spin ? 0x20 : 0) | (keyPhase ? 0x04 : 0) | pnLength - 1);
        dcid.writeTo(w);
        w.truncated(pn, pnLength);
    }

    /**
     * Clears the Fixed Bit of a header that is written and not yet sealed, as an endpoint may whose peer sent grease_quic_bit
     * (RFC 9287 section 3.1).
     */
    public static void clearFixedBit(byte[] buf, int headerOff) {
        buf[headerOff] &= ~FIXED_BIT;
    }

    /**
     * Writes a Retry packet up to its integrity tag (section 17.2.5), which {@code RetryIntegrity} appends.
     *
     * @param unused four bits of any value
     */
    public static void writeRetry(
            ByteWriter w, Version version, int unused, ConnectionId dcid, ConnectionId scid, byte[] token) {
        w.u8(LONG_FORM | FIXED_BIT | version.longTypeBits(PacketType.RETRY) << 4 | (unused & 0x0f));
        w.u32(version.number());
        writeCids(w, dcid, scid);
        w.bytes(token);
    }

    /**
     * Writes the Version Negotiation packet that answers {@code received}: with its connection IDs the other way round, of
     * whatever length they are (section 17.2.1, RFC 8999 section 6).
     *
     * @param unused six bits of any value
     */
    public static void writeVersionNegotiation(ByteWriter w, int unused, PacketHeader received, int... versions) {
        w.u8(LONG_FORM | FIXED_BIT | (unused & 0x3f)).u32(0);
        w.u8(received.scidLen).bytes(received.buf, received.scidOff, received.scidLen);
        w.u8(received.dcidLen).bytes(received.buf, received.dcidOff, received.dcidLen);
        for (int v : versions) {
            w.u32(v);
        }
    }

    private static void writeCids(ByteWriter w, ConnectionId dcid, ConnectionId scid) {
        w.u8(dcid.length());
        dcid.writeTo(w);
        w.u8(scid.length());
        scid.writeTo(w);
    }
}
