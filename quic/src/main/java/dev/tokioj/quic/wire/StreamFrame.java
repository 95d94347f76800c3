package dev.tokioj.quic.wire;

/**
 * The STREAM frame being read (RFC 9000 section 19.8): what {@link Frame.Stream} says, in an object that is used again for the next
 * one, since nearly every packet of a transfer is one such frame. Good until the next read; one thread owns it.
 */
public final class StreamFrame {
    private long streamId;
    private long offset;
    private int off;
    private int len;
    private boolean fin;

    /** Nothing read yet. */
    public StreamFrame() {}

    /** Whether the next frame is one, in the shortest encoding of its type, which is the only one allowed (section 12.4). */
    public static boolean isNext(ByteReader r) {
        return r.remaining() > 0 && (r.array()[r.position()] & 0xf8) == FrameType.STREAM;
    }

    /**
     * Reads the next frame, of which {@link #isNext} holds.
     *
     * @throws TransportException FRAME_ENCODING_ERROR if it is cut short or its data would end beyond 2^62-1
     */
    public void read(ByteReader r) throws TransportException {
        int type = r.u8();
        r.frameType(type);
        read(r, type);
    }

    /** What follows the type. */
    void read(ByteReader r, int type) throws TransportException {
        streamId = r.varInt();
        offset = (type & 0x04) != 0 ? r.varInt() : 0;
        len = (type & 0x02) != 0 ? r.length() : r.remaining();
        if (offset > VarInt.MAX - len) {
            throw new TransportException(TransportError.FRAME_ENCODING_ERROR, type, "data beyond 2^62-1");
        }
        off = r.skip(len);
        fin = (type & 0x01) != 0;
    }

    public long streamId() {
        return streamId;
    }

    /** The place of the first byte in the stream. */
    public long offset() {
        return offset;
    }

    /** Where the data begins in the array that was read. */
    public int off() {
        return off;
    }

    /** Bytes of data. */
    public int len() {
        return len;
    }

    /** Whether the stream ends with this data. */
    public boolean fin() {
        return fin;
    }

    /** The same as a record, for who keeps it. */
    public Frame.Stream toFrame(byte[] buf) {
        return new Frame.Stream(streamId, offset, buf, off, len, fin);
    }
}
