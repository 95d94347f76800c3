package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.http3.Http3Error;
import dev.tokioj.http3.RequestStream;
import dev.tokioj.runtime.OutboundHandoff;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Our message on one request stream, from the task that writes it to the stream: head, content, trailers, end. The task sets head and
 * trailers before it touches the handoff, whose signal brings the loop to {@link #pump}: so all that is written in one go travels
 * in one packet. Loop's thread only, but for the methods that say so.
 */
final class MessageWriter {
    /** Where the message is. */
    enum State {
        /** A server's, whose head was not sent. */
        HEAD,
        BODY,
        /** The end was given to the stream. */
        FINISHED,
        /** Reset by us or stopped by the peer, or the connection ended. */
        GONE
    }

    private final OutboundHandoff out;
    private final Runnable onEnd;
    private volatile @Nullable FieldSection head;
    private volatile @Nullable FieldSection trailers;
    private @Nullable RequestStream stream;
    private State state;

    /**
     * @param first {@link State#HEAD}, or {@link State#BODY} where the head is sent otherwise
     * @param onEnd told when the state becomes {@link State#FINISHED} or {@link State#GONE}
     */
    MessageWriter(Shard shard, State first, Runnable onEnd) {
        this.state = first;
        this.onEnd = onEnd;
        this.out = new OutboundHandoff(
                shard.waiting(),
                shard.chunks(),
                shard.loop().newSignal(this::pump)::raise,
                shard.settings().outboundCapacity());
    }

    // The writing task.

    /** Before the first write or {@link #end}. */
    void head(FieldSection section) {
        head = section;
    }

    OutboundHandoff out() {
        return out;
    }

    /** No more content; with trailers if there are any. */
    void end(@Nullable FieldSection section) {
        trailers = section;
        out.end();
    }

    // Loop.

    void attach(RequestStream requestStream) {
        stream = requestStream;
    }

    State state() {
        return state;
    }

    /** Whether the task may still write. */
    boolean isUnfinished() {
        return state == State.HEAD || state == State.BODY;
    }

    /** Moves what the task has written into the stream, as far as there is room. */
    void pump() {
        RequestStream to = stream;
        if (to == null || !to.connection().isOpen()) {
            return;
        }
        if (state == State.HEAD && !sendHead(to)) {
            return;
        }
        if (state == State.BODY && moveContent(to) && out.isFinished()) {
            finish(to);
        }
    }

    /** False: the task has not decided on the head yet, or it could not be sent. */
    private boolean sendHead(RequestStream to) {
        FieldSection section = head;
        if (section == null) {
            return false;
        }
        boolean empty = out.peekChunk() == null && out.isFinished() && trailers == null;
        try {
            to.sendHeaders(section, empty);
        } catch (dev.tokioj.http3.Http3Exception | IllegalArgumentException e) {
            answerInstead(to, "the head of the response cannot be sent: " + e.getMessage());
            return false;
        }
        state = State.BODY;
        if (empty) {
            ended(State.FINISHED);
        }
        return true;
    }

    /** Whether all that there is was moved. */
    private boolean moveContent(RequestStream to) {
        while (true) {
            byte[] chunk = out.peekChunk();
            if (chunk == null) {
                return true;
            }
            if (to.writableBytes() == 0) {
                return false; // onWritable comes
            }
            int offset = out.offset();
            int length = out.length();
            if (out.isWhole()) {
                to.writeOwned(out.pollChunk(), offset, length);
            } else {
                out.advance(to.write(chunk, offset, length));
            }
        }
    }

    private void finish(RequestStream to) {
        FieldSection section = trailers;
        if (section == null) {
            to.finish();
        } else {
            try {
                to.sendTrailers(section);
            } catch (dev.tokioj.http3.Http3Exception | IllegalArgumentException e) {
                refuse(to, "the trailers cannot be sent: " + e.getMessage());
                return;
            }
        }
        ended(State.FINISHED);
    }

    /** Nothing was sent: the client is told at least that it is our fault. */
    private void answerInstead(RequestStream to, String why) {
        try {
            to.sendHeaders(FieldSection.response(500).build(), true);
        } catch (dev.tokioj.http3.Http3Exception e) {
            refuse(to, why);
            return;
        }
        Shard.LOG.log(System.Logger.Level.WARNING, why);
        out.fail(new Http3Exception(why, Http3Error.H3_INTERNAL_ERROR.code()));
        ended(State.FINISHED);
    }

    private void refuse(RequestStream to, String why) {
        Shard.LOG.log(System.Logger.Level.WARNING, why);
        to.cancel(Http3Error.H3_INTERNAL_ERROR.code());
        gone(new Http3Exception(why, Http3Error.H3_INTERNAL_ERROR.code()));
    }

    /** The writing task gets this from now on. */
    void gone(IOException cause) {
        out.fail(cause);
        if (isUnfinished()) {
            ended(State.GONE);
        }
    }

    private void ended(State how) {
        state = how;
        onEnd.run();
    }
}
