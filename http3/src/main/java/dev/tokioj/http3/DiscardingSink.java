package dev.tokioj.http3;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.stream.StreamSink;

/** Takes what still comes on a stream that we do not read, and lets flow control go on: other streams share the window. */
record DiscardingSink(Connection quic, long id) implements StreamSink {
    @Override
    public void onData(byte[] buf, int off, int len) {
        quic.consumed(id, len);
    }

    @Override
    public void onFin() {
        // Nothing waits for it.
    }

    @Override
    public void onReset(long code) {
        // Nothing waits for it.
    }
}
