package dev.tokioj.http3;

import dev.tokioj.quic.connection.Connection;
import java.util.Arrays;

/**
 * What is to be sent on one stream and the connection had no room for: at most one write's worth, as its owner offers nothing more
 * until it is gone, and the sections and frames that come after it. One thread owns it.
 */
final class Outgoing {
    private static final byte[] NOTHING = {};

    private enum Held {
        NOTHING,
        /** Our own array. */
        COPY,
        /** An array that goes back to the connection's owner. */
        CHUNK
    }

    private Held held = Held.NOTHING;
    private byte[] buf = NOTHING;
    private int at;
    private int end;

    /** Whether everything was taken by the connection. */
    boolean isEmpty() {
        return held == Held.NOTHING;
    }

    /** Sends bytes after those held, copying what there is no room for. */
    void send(Http3Connection http3, long id, byte[] src, int off, int len) {
        int taken = isEmpty() ? http3.quic().write(id, src, off, len) : 0;
        if (taken < len) {
            hold(http3, src, off + taken, len - taken);
        }
    }

    /** Sends a chunk; nothing may be held. */
    void sendChunk(Http3Connection http3, long id, byte[] chunk, int off, int len) {
        if (!isEmpty()) {
            throw new IllegalStateException("a chunk after bytes that are held");
        }
        held = Held.CHUNK;
        buf = chunk;
        at = off;
        end = off + len;
        flush(http3, id);
    }

    /** Sends what is held as far as there is room; true if that was all. */
    boolean flush(Http3Connection http3, long id) {
        if (isEmpty()) {
            return true;
        }
        Connection quic = http3.quic();
        if (held == Held.CHUNK && end - at <= quic.writableBytes(id)) {
            quic.writeOwned(id, buf, at, end - at);
            forget();
            return true;
        }
        at += quic.write(id, buf, at, end - at);
        if (at < end) {
            return false;
        }
        discard(http3);
        return true;
    }

    /** Forgets what is held. */
    void discard(Http3Connection http3) {
        if (held == Held.CHUNK) {
            http3.recycle(buf);
        }
        forget();
    }

    private void hold(Http3Connection http3, byte[] src, int off, int len) {
        int rest = end - at;
        byte[] joined = Arrays.copyOfRange(buf, at, at + rest + len);
        System.arraycopy(src, off, joined, rest, len);
        discard(http3);
        held = Held.COPY;
        buf = joined;
        at = 0;
        end = joined.length;
    }

    private void forget() {
        held = Held.NOTHING;
        buf = NOTHING;
        at = 0;
        end = 0;
    }
}
