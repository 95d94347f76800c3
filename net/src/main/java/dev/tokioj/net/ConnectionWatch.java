package dev.tokioj.net;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.tls.Delegated;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Passes everything on to HTTP/3, and tells what that has no use for.
 *
 * @param delivered what was sent on a stream has arrived, or never will: a connection that closes gracefully waits for that
 * @param ending the connection has ended, told before the requests are, so that each can say why
 */
record ConnectionWatch(ConnectionHandler handler, LongConsumer delivered, Consumer<CloseReason> ending)
        implements ConnectionHandler {
    @Override
    public void onHandshakeComplete(Connection c) {
        handler.onHandshakeComplete(c);
    }

    @Override
    public StreamSink onPeerStream(Connection c, long streamId) {
        return handler.onPeerStream(c, streamId);
    }

    @Override
    public void onStreamWritable(Connection c, long streamId) {
        handler.onStreamWritable(c, streamId);
    }

    @Override
    public void onStopSending(Connection c, long streamId, long code) {
        handler.onStopSending(c, streamId, code);
        delivered.accept(streamId);
    }

    @Override
    public void onStreamsAvailable(Connection c, boolean bidirectional) {
        handler.onStreamsAvailable(c, bidirectional);
    }

    @Override
    public void onStreamLimit(Connection c, boolean bidirectional, long limit) {
        handler.onStreamLimit(c, bidirectional, limit);
    }

    @Override
    public void onStreamSendComplete(Connection c, long streamId) {
        handler.onStreamSendComplete(c, streamId);
        delivered.accept(streamId);
    }

    @Override
    public void recycle(byte[] chunk) {
        handler.recycle(chunk);
    }

    @Override
    public void onDelegated(Connection c, Delegated work) {
        handler.onDelegated(c, work);
    }

    @Override
    public void onClosed(Connection c, CloseReason reason) {
        ending.accept(reason);
        handler.onClosed(c, reason);
    }
}
