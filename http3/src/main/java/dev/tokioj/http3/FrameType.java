package dev.tokioj.http3;

/** Frame types (RFC 9114 section 11.2.1, RFC 9218 section 7.2). Numbers and no enum: most of the 62-bit space is unknown types. */
final class FrameType {
    static final long DATA = 0x00;
    static final long HEADERS = 0x01;
    static final long CANCEL_PUSH = 0x03;
    static final long SETTINGS = 0x04;
    static final long PUSH_PROMISE = 0x05;
    static final long GOAWAY = 0x07;
    static final long MAX_PUSH_ID = 0x0d;
    static final long PRIORITY_UPDATE = 0xf0700;
    static final long PRIORITY_UPDATE_PUSH = 0xf0701;

    private FrameType() {}

    /** Whether HTTP/2 used it and HTTP/3 forbids it (section 7.2.8). */
    static boolean isHttp2(long type) {
        return type == 0x02 || type == 0x06 || type == 0x08 || type == 0x09;
    }

    /** Whether frames of this type have a meaning here, so that rules say where they may be; others are stepped over. */
    static boolean isKnown(long type) {
        return type == DATA
                || type == HEADERS
                || type == CANCEL_PUSH
                || type == SETTINGS
                || type == PUSH_PROMISE
                || type == GOAWAY
                || type == MAX_PUSH_ID
                || type == PRIORITY_UPDATE
                || type == PRIORITY_UPDATE_PUSH
                || isHttp2(type);
    }

    /** The {@code n}th type, setting or stream type reserved to be ignored (sections 6.2.3, 7.2.4.1 and 7.2.8). */
    static long reserved(int n) {
        return 0x1fL * n + 0x21;
    }
}
