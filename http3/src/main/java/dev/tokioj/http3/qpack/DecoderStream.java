package dev.tokioj.http3.qpack;

import org.jspecify.annotations.Nullable;

/**
 * Reads the peer's decoder stream (RFC 9204 section 4.4), in any fragmentation, for an {@link Encoder} that inserts nothing:
 * there is nothing to acknowledge, so only cancellations are in order. One thread owns it.
 */
public final class DecoderStream {
    private enum Kind {
        NONE,
        SECTION_ACKNOWLEDGMENT,
        STREAM_CANCELLATION,
        INSERT_COUNT_INCREMENT
    }

    private final PrefixedInt integer = new PrefixedInt(QpackError.QPACK_DECODER_STREAM_ERROR);
    private Kind kind = Kind.NONE;

    /** A reader for one stream. */
    public DecoderStream() {}

    /**
     * Takes one byte.
     *
     * @return the instruction that is complete with it, or null
     * @throws QpackException QPACK_DECODER_STREAM_ERROR: closes the connection
     */
    public @Nullable Instruction receive(byte b) throws QpackException {
        boolean complete;
        if (kind == Kind.NONE) {
            if (b < 0) {
                kind = Kind.SECTION_ACKNOWLEDGMENT;
                complete = integer.begin(b & 0xff, 7);
            } else {
                kind = (b & 0x40) != 0 ? Kind.STREAM_CANCELLATION : Kind.INSERT_COUNT_INCREMENT;
                complete = integer.begin(b & 0xff, 6);
            }
        } else {
            complete = integer.next(b & 0xff);
        }
        if (!complete) {
            return null;
        }
        Kind done = kind;
        kind = Kind.NONE;
        return instruction(done, integer.value());
    }

    private static Instruction instruction(Kind kind, long value) throws QpackException {
        Instruction instruction = switch (kind) {
            case SECTION_ACKNOWLEDGMENT -> new Instruction.SectionAcknowledgment(value);
            case STREAM_CANCELLATION -> new Instruction.StreamCancellation(value);
            case INSERT_COUNT_INCREMENT -> new Instruction.InsertCountIncrement(value);
            case NONE -> throw new IllegalStateException("no instruction");
        };
        if (!(instruction instanceof Instruction.StreamCancellation)) {
            throw new QpackException(
                    QpackError.QPACK_DECODER_STREAM_ERROR, instruction + " though nothing was inserted");
        }
        return instruction;
    }
}
