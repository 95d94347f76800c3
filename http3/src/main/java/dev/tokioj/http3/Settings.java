package dev.tokioj.http3;

import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.VarInt;

/**
 * The settings of one side (RFC 9114 section 7.2.4.1, RFC 9204 section 5).
 *
 * @param maxFieldSectionSize the largest field section it takes, by the rule of RFC 9114 section 4.2.2; {@link #UNLIMITED} if it
 *     names none
 * @param qpackMaxTableCapacity the most bytes the other side's encoder may have in the dynamic table
 * @param qpackBlockedStreams how many streams may wait for that table
 */
public record Settings(long maxFieldSectionSize, long qpackMaxTableCapacity, long qpackBlockedStreams) {
    /** No limit on the size of field sections. */
    public static final long UNLIMITED = VarInt.MAX;
    /** What holds until the peer's SETTINGS arrive (RFC 9114 section 7.2.4.2). */
    public static final Settings DEFAULT = new Settings(UNLIMITED, 0, 0);

    private static final int QPACK_MAX_TABLE_CAPACITY = 0x01;
    private static final int MAX_FIELD_SECTION_SIZE = 0x06;
    private static final int QPACK_BLOCKED_STREAMS = 0x07;

    /**
     * Reads the payload of a SETTINGS frame.
     *
     * @throws Http3Exception H3_FRAME_ERROR if it ends inside a setting; H3_SETTINGS_ERROR for a setting that HTTP/2 has and
     *     HTTP/3 must not (section 7.2.4.1), and for one that comes twice
     */
    static Settings decode(byte[] buf, int off, int len) throws Http3Exception {
        var reader = new ByteReader().reset(buf, off, off + len);
        // A setting takes two bytes at least. The frame is bounded, so is the work of comparing every two.
        long[] seen = new long[len / 2];
        int count = 0;
        long maxFieldSectionSize = UNLIMITED;
        long qpackMaxTableCapacity = 0;
        long qpackBlockedStreams = 0;
        try {
            while (reader.remaining() > 0) {
                long identifier = reader.varInt();
                long value = reader.varInt();
                for (int i = 0; i < count; i++) {
                    if (seen[i] == identifier) {
                        throw refused("setting 0x" + Long.toHexString(identifier) + " twice");
                    }
                }
                seen[count++] = identifier;
                if (identifier == QPACK_MAX_TABLE_CAPACITY) {
                    qpackMaxTableCapacity = value;
                } else if (identifier == MAX_FIELD_SECTION_SIZE) {
                    maxFieldSectionSize = value;
                } else if (identifier == QPACK_BLOCKED_STREAMS) {
                    qpackBlockedStreams = value;
                } else if (identifier == 0x00 || (identifier >= 0x02 && identifier <= 0x05)) {
                    throw refused("setting 0x" + Long.toHexString(identifier) + " is one of HTTP/2");
                }
            }
        } catch (TransportException e) {
            throw Http3Exception.connection(Http3Error.H3_FRAME_ERROR, "SETTINGS ends inside a setting");
        }
        return new Settings(maxFieldSectionSize, qpackMaxTableCapacity, qpackBlockedStreams);
    }

    /** Writes the payload of a SETTINGS frame: what differs from the defaults. */
    void write(ByteWriter writer) {
        if (qpackMaxTableCapacity != 0) {
            writer.varInt(QPACK_MAX_TABLE_CAPACITY).varInt(qpackMaxTableCapacity);
        }
        if (maxFieldSectionSize != UNLIMITED) {
            writer.varInt(MAX_FIELD_SECTION_SIZE).varInt(maxFieldSectionSize);
        }
        if (qpackBlockedStreams != 0) {
            writer.varInt(QPACK_BLOCKED_STREAMS).varInt(qpackBlockedStreams);
        }
    }

    private static Http3Exception refused(String reason) {
        return Http3Exception.connection(Http3Error.H3_SETTINGS_ERROR, reason);
    }
}
