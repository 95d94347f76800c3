package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request and the response to it. For the handler's task: one thread at a time. */
public final class Exchange {
    /** How far the response has come. */
    private enum State {
        NONE,
        /** The head is decided; content may follow. */
        STARTED,
        COMPLETE
    }

    private final ExchangeCore core;
    private final FieldSection head;
    private final InputStream body;
    private final FieldSection.Builder responseFields = FieldSection.builder();
    private final FieldSection.Builder responseTrailers = FieldSection.builder();
    private State state = State.NONE;
    private boolean typed;
    private @Nullable BodyOutput output;

    Exchange(ExchangeCore core) {
        this.core = core;
        this.head = core.head();
        this.body = core.feed().input(() -> {});
    }

    /** The request's method, such as GET. */
    public String method() {
        return pseudo(":method");
    }

    /** The path as it came, percent-encoded, without the query. */
    public String path() {
        String target = pseudo(":path");
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** What follows the path's question mark; null if there is none. */
    public @Nullable String query() {
        String target = pseudo(":path");
        int query = target.indexOf('?');
        return query < 0 ? null : target.substring(query + 1);
    }

    /** The host, and the port if it is not the default one, that the client asked for. */
    public String authority() {
        String authority = head.first(":authority");
        return authority != null ? authority : Objects.requireNonNullElse(head.first("host"), "");
    }

    /** The scheme: https. */
    public String scheme() {
        return pseudo(":scheme");
    }

    private String pseudo(String name) {
        return Objects.requireNonNullElse(head.first(name), "");
    }

    /** All fields of the request, pseudo-header fields first. */
    public FieldSection fields() {
        return head;
    }

    /** The first value of a field, whose name is in lower case; null if there is none. */
    public @Nullable String field(String name) {
        return head.first(name);
    }

    /** Where the request came from. */
    public InetSocketAddress remoteAddress() {
        return core.session().remoteAddress();
    }

    /** The content of the request. A read waits for it; it fails with {@link Http3Exception} if the client gives up. */
    public InputStream body() {
        return body;
    }

    /**
     * The whole content as text in UTF-8.
     *
     * @throws IOException if it is longer than {@code limit} bytes
     */
    public String bodyText(int limit) throws IOException {
        byte[] bytes = MessageFeed.readWhole(body, MessageFeed.announcedLength(head), limit);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** The request's trailers, once its content was read to the end; null if there were none. */
    public @Nullable FieldSection trailers() {
        return core.feed().trailers();
    }

    /** Adds a field to the response that is yet to be sent. */
    public Exchange header(String name, String value) {
        checkNotStarted();
        typed |= "content-type".equalsIgnoreCase(name);
        responseFields.add(name, value);
        return this;
    }

    /** Adds a trailer, which is sent after the content. */
    public Exchange trailer(String name, String value) {
        if (state == State.COMPLETE) {
            throw new IllegalStateException("the response is complete");
        }
        responseTrailers.add(name, value);
        return this;
    }

    /** Sends an interim response: 103 with early hints, say (RFC 9114 section 4.1). Any number, before the final one. */
    public void inform(int status, FieldSection fields) {
        checkNotStarted();
        if (status < 100 || status > 199 || status == 101) {
            throw new IllegalArgumentException("not an interim status: " + status);
        }
        core.inform(FieldSection.response(status).addAll(fields).build());
    }

    /** Responds without content. */
    public void respond(int status) throws IOException {
        respond(status, new byte[0]);
    }

    /** Responds with text, as {@code text/plain; charset=utf-8} unless a content-type was set. */
    public void respond(int status, String text) throws IOException {
        checkNotStarted();
        if (!typed) {
            header("content-type", "text/plain; charset=utf-8");
        }
        respond(status, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Responds with these bytes. */
    public void respond(int status, byte[] content) throws IOException {
        try (OutputStream out = start(status, content.length)) {
            out.write(content);
        }
    }

    /** Responds with what this stream has, and closes it. {@code length}: its bytes, or -1 if that is not known. */
    public void respond(int status, InputStream content, long length) throws IOException {
        try (content) {
            OutputStream out = start(status, length);
            content.transferTo(out);
            out.close(); // not if the source failed: then the message has no end, and is reset
        }
    }

    /** Responds with what the writer writes. */
    public void respond(int status, BodyWriter content) throws IOException {
        OutputStream out = start(status, BodyOutput.UNKNOWN);
        content.writeTo(out);
        out.close(); // not if it failed: then the message has no end, and is reset
    }

    /**
     * Sends the head of the response and answers a stream for its content, which has no buffer of its own; closing it completes the
     * response.
     *
     * @param length announced as content-length; -1: not announced
     */
    public OutputStream start(int status, long length) {
        checkNotStarted();
        if (status < 200 || status > 999) {
            throw new IllegalArgumentException("not a final status: " + status);
        }
        FieldSection.Builder response = FieldSection.response(status).addAll(responseFields.build());
        boolean bare = status == 204 || status == 304;
        if (length >= 0 && !bare) {
            response.add("content-length", Long.toString(length));
        }
        core.writer().head(response.build());
        state = State.STARTED;
        if (bare || method().equals("HEAD")) {
            complete();
            return OutputStream.nullOutputStream();
        }
        BodyOutput started = new BodyOutput(core.writer().out(), length, this::complete);
        output = started;
        return started;
    }

    private void complete() {
        state = State.COMPLETE;
        FieldSection trailers = responseTrailers.build();
        core.writer().end(trailers.size() == 0 ? null : trailers);
    }

    private void checkNotStarted() {
        if (state != State.NONE) {
            throw new IllegalStateException("the response was begun already");
        }
    }

    /** Whether nothing of the final response was decided. */
    boolean isUnanswered() {
        return state == State.NONE;
    }

    /** The handler has returned: completes what it began. */
    void finish() throws IOException {
        switch (state) {
            case NONE -> throw new IllegalStateException("the handler did not respond");
            case STARTED -> {
                if (output != null) {
                    output.close();
                }
            }
            case COMPLETE -> {}
        }
    }

    ExchangeCore core() {
        return core;
    }

    @Override
    public String toString() {
        return method() + " " + pseudo(":path") + " on " + core.who();
    }
}
