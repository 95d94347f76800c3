package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.http3.Http3Error;
import dev.tokioj.http3.MessageSink;
import dev.tokioj.http3.RequestStream;

/**
 * The loop's side of an {@link Exchange}. It lives until the handler's task has ended and the response has arrived, or never will: then
 * the client may make another request. Loop's thread only, but for the methods that say so.
 */
final class ExchangeCore implements MessageSink {
    /** Whether the task still works on it. */
    private enum Task {
        RUNNING,
        ENDED,
        /** Ended, and the stream was released. */
        RELEASED
    }

    /** How far the response has come. */
    private enum Response {
        /** Not all of it was given to the stream. */
        DUE,
        /** Not all of it is acknowledged. */
        UNDELIVERED,
        /** Acknowledged, or given up. */
        OVER
    }

    private final Http3ServerSession session;
    private final RequestStream stream;
    private final FieldSection head;
    private final MessageFeed feed;
    private final MessageWriter writer;
    private final long id;
    private Task task = Task.RUNNING;
    private Response response = Response.DUE;

    ExchangeCore(Http3ServerSession session, RequestStream stream, FieldSection head) {
        this.session = session;
        this.stream = stream;
        this.head = head;
        this.id = stream.id();
        this.feed = new MessageFeed(session.shard());
        this.writer = new MessageWriter(session.shard(), MessageWriter.State.HEAD, this::onWriterEnded);
        feed.attach(stream);
        writer.attach(stream);
    }

    // Any thread.

    FieldSection head() {
        return head;
    }

    MessageFeed feed() {
        return feed;
    }

    MessageWriter writer() {
        return writer;
    }

    Http3ServerSession session() {
        return session;
    }

    String who() {
        return session.who() + ", request " + id;
    }

    /** The task has done what it does; what is written is still delivered. */
    void taskEnded() {
        session.shard().execute(() -> {
            if (task == Task.RUNNING) {
                task = Task.ENDED;
                releaseIfDone();
            }
        });
    }

    /** The task has failed after the head was sent: nothing else can tell the client. */
    void abort() {
        session.shard().execute(() -> {
            if (task != Task.RELEASED) {
                long code = Http3Error.H3_INTERNAL_ERROR.code();
                stream.cancel(code);
                writer.gone(new Http3Exception(who() + " was aborted here", code));
            }
        });
    }

    void inform(FieldSection section) {
        session.shard().execute(() -> {
            if (task == Task.RUNNING && writer.state() == MessageWriter.State.HEAD) {
                try {
                    stream.sendInformational(section);
                } catch (dev.tokioj.http3.Http3Exception e) {
                    Shard.LOG.log(System.Logger.Level.WARNING, "an interim response cannot be sent on " + who(), e);
                }
            }
        });
    }

    // Loop.

    private void onWriterEnded() {
        if (writer.state() == MessageWriter.State.FINISHED) {
            response = Response.UNDELIVERED;
            session.delivering(id, this);
        } else {
            response = Response.OVER;
        }
        releaseIfDone();
    }

    /** What was sent has arrived, or never will. */
    void delivered() {
        response = Response.OVER;
        releaseIfDone();
    }

    private void releaseIfDone() {
        if (task == Task.ENDED && response == Response.OVER) {
            task = Task.RELEASED;
            feed.detach();
            stream.release();
            session.released();
        }
    }

    // The stream's calls.

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
        QuicException end = session.cause();
        if (end == null) {
            feed.fail(new Http3Exception(
                    who() + ": the client gave up the request (" + Http3Error.name(code) + ") " + reason, code));
        } else {
            feed.fail(end);
            writer.gone(end);
        }
    }

    @Override
    public void onWritable() {
        writer.pump();
    }

    @Override
    public void onSendStopped(long code) {
        QuicException end = session.cause();
        writer.gone(
                end != null
                        ? end
                        : new Http3Exception(
                                who() + ": nothing more of the response can be sent (" + Http3Error.name(code) + ")",
                                code));
    }
}
