package dev.tokioj.http3;

import dev.tokioj.quic.wire.VarInt;

/** A variable-length integer (RFC 9000 section 16) that arrives byte by byte. Reused; one thread owns it. */
final class PartialVarInt {
    private long value;
    private int missing;

    /** Takes the next byte; true if the integer is complete with it. */
    boolean receive(byte b) {
        if (missing == 0) {
            missing = VarInt.lengthByFirstByte(b) - 1;
            value = b & 0x3f;
        } else {
            missing--;
            value = value << 8 | (b & 0xff);
        }
        return missing == 0;
    }

    /** The integer, once {@link #receive} said that it is complete. */
    long value() {
        return value;
    }

    /** Whether an integer has begun and is not complete. */
    boolean isPartial() {
        return missing != 0;
    }
}
