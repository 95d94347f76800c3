package dev.tokioj.tls;

import java.util.Arrays;

/**
 * Cuts the byte flow of one encryption level into handshake messages (RFC 8446 section 4). Memory follows the bytes that
 * came, never the length that a message declares.
 */
final class MessageBuffer {
    static final int HEADER = 4;

    private static final byte[] EMPTY = {};

    private byte[] bytes = EMPTY;
    private int start;
    private int end;

    void append(byte[] buf, int off, int len) {
        if (len > bytes.length - end) {
            int held = end - start;
            byte[] target = held + len > bytes.length ? new byte[Math.max(512, 2 * held + len)] : bytes;
            System.arraycopy(bytes, start, target, 0, held);
            bytes = target;
            start = 0;
            end = held;
        }
        System.arraycopy(buf, off, bytes, end, len);
        end += len;
    }

    int size() {
        return end - start;
    }

    int capacity() {
        return bytes.length;
    }

    boolean isEmpty() {
        return start == end;
    }

    boolean hasHeader() {
        return size() >= HEADER;
    }

    /** The first message's type byte. */
    int type() {
        return bytes[start] & 0xff;
    }

    /** The length that the first message declares for its body. */
    int bodyLength() {
        return ((bytes[start + 1] & 0xff) << 16) | ((bytes[start + 2] & 0xff) << 8) | (bytes[start + 3] & 0xff);
    }

    boolean hasMessage() {
        return hasHeader() && size() - HEADER >= bodyLength();
    }

    /** Takes the first message, header included, as the transcript wants it. */
    byte[] take() {
        int length = HEADER + bodyLength();
        byte[] message = Arrays.copyOfRange(bytes, start, start + length);
        start += length;
        if (start == end) {
            start = 0;
            end = 0;
        }
        return message;
    }

    /** Forgets everything: an idle connection keeps no buffer. */
    void release() {
        bytes = EMPTY;
        start = 0;
        end = 0;
    }
}
