package dev.tokioj.http3.qpack;

import org.jspecify.annotations.Nullable;

/**
 * Reads the peer's encoder stream (RFC 9204 section 4.3), in any fragmentation, against a dynamic table of capacity
 * {@link #MAX_TABLE_CAPACITY}: what we advertise. Such a table takes no entry, so the first byte of an insertion or duplication
 * is already the error; nothing of it is ever buffered. One thread owns it.
 */
public final class EncoderStream {
    /** SETTINGS_QPACK_MAX_TABLE_CAPACITY of ours (section 5). */
    public static final long MAX_TABLE_CAPACITY = 0;

    private final PrefixedInt integer = new PrefixedInt(QpackError.QPACK_ENCODER_STREAM_ERROR);
    private boolean inInstruction;

    /** A reader for one stream. */
    public EncoderStream() {}

    /**
     * Takes one byte.
     *
     * @return the instruction that is complete with it, or null
     * @throws QpackException QPACK_ENCODER_STREAM_ERROR: closes the connection
     */
    public Instruction.@Nullable SetDynamicTableCapacity receive(byte b) throws QpackException {
        boolean complete;
        if (inInstruction) {
            complete = integer.next(b & 0xff);
        } else {
            if ((b & 0xe0) != 0x20) {
                throw new QpackException(
                        QpackError.QPACK_ENCODER_STREAM_ERROR, "insertion into a dynamic table without capacity");
            }
            complete = integer.begin(b & 0xff, 5);
        }
        inInstruction = !complete;
        if (!complete) {
            return null;
        }
        if (integer.value() > MAX_TABLE_CAPACITY) {
            throw new QpackException(
                    QpackError.QPACK_ENCODER_STREAM_ERROR,
                    "dynamic table capacity " + integer.value() + " above " + MAX_TABLE_CAPACITY);
        }
        return new Instruction.SetDynamicTableCapacity(integer.value());
    }
}
