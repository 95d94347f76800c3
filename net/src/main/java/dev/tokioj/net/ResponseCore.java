package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.http3.Http3Error;
import dev.tokioj.http3.RequestStream;
import dev.tokioj.http3.ResponseSink;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The loop's side of one request of a client and its response. It lives until the response was read or given up. Loop's thread only,
 * but for the methods that say so.
 */
final class ResponseCore implements ResponseSink {
    private enum State {
        /** The request was not made yet: no stream, or not its turn. */
        WAITING,
        /** The head of the response has not come. */
        AWAITING_HEAD,
        /** The task reads the content. */
        READING,
        RELEASED
    }

    private final Http3ClientSession session;
    private final Request request;
    private final Reply<Response> reply;
    private final MessageFeed feed;
    /** Null for a request that is a head and nothing more. */
    private final @Nullable MessageWriter writer;

    private @Nullable RequestStream stream;
    private State state = State.WAITING;

    ResponseCore(Http3ClientSession session, Request request, Reply<Response> reply) {
        this.session = session;
        this.request = request;
        this.reply = reply;
        this.feed = new MessageFeed(session.shard());
        this.writer = request.isBare() ? null : new MessageWriter(session.shard(), MessageWriter.State.BODY, () -> {});
    }

    // Any thread.

    MessageFeed feed() {
        return feed;
    }

    /** Where the content goes of a request that has some. */
    MessageWriter writer() {
        return Objects.requireNonNull(writer, "a bare request");
    }

    String who() {
        return request + " on " + session.who();
    }

    /** The task has read the end, or reads no more. */
    void readerDone() {
        session.shard().execute(this::release);
    }

    /** The task waits no longer, or the content of the request cannot be had: gives the request up. */
    void cancel(IOException cause) {
        session.shard().execute(() -> {
            fail(cause);
            feed.fail(cause);
            release();
        });
    }

    // Loop.

    Request request() {
        return request;
    }

    /** Whether anybody still waits for the response. */
    boolean isWanted() {
        return state == State.WAITING && !reply.isSettled();
    }

    void started(RequestStream requestStream) {
        state = State.AWAITING_HEAD;
        stream = requestStream;
        feed.attach(requestStream);
        if (writer != null) {
            writer.attach(requestStream);
            writer.pump(); // what was written while it waited
        }
    }

    /** Before there was a response: nothing will come. */
    void fail(IOException cause) {
        stopWriting(cause);
        reply.fail(cause);
    }

    private void release() {
        if (state == State.RELEASED) {
            return;
        }
        state = State.RELEASED;
        feed.detach();
        if (writer != null && writer.isUnfinished()) {
            stopWriting(new Http3Exception(who() + " is over", Http3Error.H3_REQUEST_CANCELLED.code()));
        }
        if (stream != null) {
            stream.release();
        }
        session.released();
    }

    private void stopWriting(IOException cause) {
        if (writer != null) {
            writer.gone(cause);
        }
    }

    // The stream's calls.

    @Override
    public void onInformational(FieldSection head) {
        // Nothing to be done: early hints are for those who render pages.
    }

    @Override
    public void onResponse(FieldSection head) {
        state = State.READING;
        if (!reply.complete(new Response(this, head))) {
            release(); // nobody waits any more
        }
    }

    @Override
    public void onBody(byte[] buf, int off, int len) {
        feed.onBody(buf, off, len);
    }

    @Override
    public void onTrailers(FieldSection trailers) {
        feed.onTrailers(trailers);
    }

    @Override
    public void onEnd() {
        feed.onEnd();
    }

    @Override
    public void onAborted(long code, String reason) {
        IOException cause = session.failure(this, code, reason);
        feed.fail(cause);
        if (state == State.AWAITING_HEAD) {
            fail(cause);
            release();
        }
    }

    @Override
    public void onWritable() {
        if (writer != null) {
            writer.pump();
        }
    }

    @Override
    public void onSendStopped(long code) {
        stopWriting(session.failure(this, code, "and takes no more of the request's content"));
    }
}
