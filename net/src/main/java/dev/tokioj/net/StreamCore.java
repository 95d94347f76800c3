package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.runtime.InboundHandoff;
import dev.tokioj.runtime.OutboundHandoff;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of a {@link QuicStream}: moves bytes between the connection and the two handoffs, gives credit as the task
 * consumes, and releases the stream when both directions are done. Loop's thread only, but for the methods that say so.
 */
final class StreamCore implements StreamSink {
    /** How far the sending side has come. */
    private enum Sending {
        /** There may be bytes to move. */
        OPEN,
        /** FIN was given to the connection and is not acknowledged. */
        FINISHED,
        /** Acknowledged, reset, stopped by the peer, or never there. */
        DONE
    }

    private enum Receiving {
        OPEN,
        /** The task has read to the end or wants no more, or there is no such side. */
        DONE
    }

    private enum Life {
        LIVE,
        /** The task is done with both directions, and what was sent has arrived: the peer may open another stream. */
        RELEASED
    }

    private final RawConnection connection;
    private final QuicStream stream;
    private final StreamUse use;
    private final @Nullable InboundHandoff in;
    private final @Nullable OutboundHandoff out;
    private long id;
    private Sending sending;
    private Receiving receiving;
    /** Written by the task before it ends the handoff: a close of the connection waits for this stream. */
    private volatile boolean finished;

    private Life life = Life.LIVE;

    StreamCore(RawConnection connection, boolean receives, boolean sends, StreamUse use) {
        this.connection = connection;
        this.use = use;
        Shard shard = connection.shard();
        this.in = receives
                ? new InboundHandoff(
                        shard.waiting(),
                        shard.chunks(),
                        shard.loop().newSignal(this::onConsumed)::raise,
                        connection.creditThreshold())
                : null;
        this.out = sends
                ? new OutboundHandoff(
                        shard.waiting(),
                        shard.chunks(),
                        shard.loop().newSignal(this::pump)::raise,
                        connection.outboundCapacity())
                : null;
        this.sending = sends ? Sending.OPEN : Sending.DONE;
        this.receiving = receives ? Receiving.OPEN : Receiving.DONE;
        this.stream = new QuicStream(this, in, out);
    }

    /** Once, before anything else: the ID the connection gave. */
    void opened(long streamId) {
        this.id = streamId;
    }

    QuicStream stream() {
        return stream;
    }

    // Any thread.

    long id() {
        return id;
    }

    String who() {
        return connection.who();
    }

    long closeCode() {
        return connection.closeCode();
    }

    long deadline(Duration timeout) {
        return connection.shard().deadline(timeout);
    }

    void markFinished() {
        finished = true;
    }

    void requestReset(long code) {
        connection.shard().loop().execute(() -> reset(code));
    }

    void requestStopSending(long code) {
        connection.shard().loop().execute(() -> {
            if (connection.isUsable()) {
                connection.quic().stopSending(id, code);
            }
        });
    }

    // The connection's calls.

    @Override
    public void onData(byte[] buf, int off, int len) {
        if (in != null) {
            connection.shard().arrivals().offer(in, buf, off, len);
        }
    }

    @Override
    public void onFin() {
        if (in != null) {
            in.end();
        }
    }

    @Override
    public void onReset(long code) {
        if (in != null) {
            in.fail(Failures.reset(who(), id, code, connection.codes()));
            onConsumed();
        }
    }

    void onStopSending(long code) {
        if (out != null) {
            sending = Sending.DONE;
            out.fail(Failures.stopped(who(), id, code, connection.codes()));
            releaseIfDone();
        }
    }

    void onSendComplete() {
        if (sending == Sending.FINISHED) {
            sending = Sending.DONE;
            releaseIfDone();
        }
    }

    void onConnectionClosed(QuicException cause) {
        sending = Sending.DONE;
        if (in != null) {
            in.fail(cause);
        }
        if (out != null) {
            out.fail(cause);
        }
        if (life == Life.LIVE) {
            life = Life.RELEASED;
            use.ended();
        }
    }

    /** Whether the task has said that all is written, and not all of it is acknowledged. */
    boolean awaitsDelivery() {
        return finished && sending != Sending.DONE;
    }

    /** Moves what the task has written into the connection, as far as there is room. */
    void pump() {
        if (out == null || sending != Sending.OPEN || !connection.isUsable()) {
            return;
        }
        Connection quic = connection.quic();
        while (true) {
            byte[] chunk = out.peekChunk();
            if (chunk == null) {
                break;
            }
            int length = out.length();
            int offset = out.offset();
            if (out.isWhole() && length <= quic.writableBytes(id)) {
                quic.writeOwned(id, out.pollChunk(), offset, length); // comes back by recycle
            } else {
                int taken = quic.write(id, chunk, offset, length);
                out.advance(taken);
                if (taken < length) {
                    return; // onStreamWritable comes
                }
            }
        }
        if (out.isFinished()) {
            sending = Sending.FINISHED;
            quic.finish(id);
        }
    }

    private void reset(long code) {
        if (sending != Sending.DONE && connection.isUsable()) {
            sending = Sending.DONE;
            connection.quic().reset(id, code);
        }
        if (out != null) {
            out.fail(new StreamClosedException(who() + ": stream " + id + " was reset here"));
        }
        releaseIfDone();
    }

    /** The task has consumed, read to the end, or wants no more: gives the peer credit for it. */
    private void onConsumed() {
        if (in != null) {
            long consumed = in.takeConsumed();
            if (consumed > 0 && connection.isUsable()) {
                connection.quic().consumed(id, consumed);
            }
            if (in.isFinished()) {
                receiving = Receiving.DONE;
                releaseIfDone();
            }
        }
    }

    /** The connection speaks of a stream until it is released: so not before what was sent has arrived. */
    private void releaseIfDone() {
        if (life == Life.LIVE && receiving == Receiving.DONE && sending == Sending.DONE) {
            life = Life.RELEASED;
            if (connection.isUsable()) {
                connection.quic().release(id);
            }
            connection.forget(this);
            use.ended();
        }
    }
}
