package dev.tokioj.http3.qpack;

/**
 * The instructions of encoder and decoder streams (RFC 9204 sections 4.3 and 4.4), as read from the peer. An insertion has
 * no record: it is refused by its first byte while the table that it would go to has no room, see {@link EncoderStream}.
 */
public sealed interface Instruction {
    /** The peer's encoder sets the capacity of the dynamic table (section 4.3.1). */
    record SetDynamicTableCapacity(long capacity) implements Instruction {}

    /** The peer's decoder has processed a field section of a stream (section 4.4.1). */
    record SectionAcknowledgment(long streamId) implements Instruction {}

    /** The peer's decoder gave up a stream (section 4.4.2). */
    record StreamCancellation(long streamId) implements Instruction {}

    /** The peer's decoder has received insertions (section 4.4.3). */
    record InsertCountIncrement(long increment) implements Instruction {}
}
