package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The response to a request. Its content comes as it is read; a response that is neither read to its end nor closed keeps its stream,
 * of which a server allows only so many. One thread at a time.
 */
public final class Response implements AutoCloseable {
    /** What {@link #text} and {@link #bytes} hold in memory at most. */
    private static final int WHOLE_LIMIT = 64 << 20; // a page or a document; more is for body()

    private final ResponseCore core;
    private final FieldSection head;
    private final InputStream body;

    Response(ResponseCore core, FieldSection head) {
        this.core = core;
        this.head = head;
        this.body = core.feed().input(core::readerDone);
    }

    /** The status, 200 to 999. */
    public int status() {
        String status = head.first(":status");
        return status == null ? 0 : Integer.parseInt(status);
    }

    /** All fields of the response, the pseudo-header field first. */
    public FieldSection fields() {
        return head;
    }

    /** The first value of a field, whose name is in lower case; null if there is none. */
    public @Nullable String field(String name) {
        return head.first(name);
    }

    /** The content. A read waits for it; it fails with {@link Http3Exception} if the server gives up. */
    public InputStream body() {
        return body;
    }

    /** As {@link #bytes(int)}, of at most 64 MiB. */
    public byte[] bytes() throws IOException {
        return bytes(WHOLE_LIMIT);
    }

    /**
     * The whole content, and closes the response.
     *
     * @throws IOException if it is longer than {@code limit} bytes
     */
    public byte[] bytes(int limit) throws IOException {
        try (this) {
            return MessageFeed.readWhole(body, MessageFeed.announcedLength(head), limit);
        }
    }

    /** The whole content (at most 64 MiB) as text in UTF-8, and closes the response. */
    public String text() throws IOException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** The trailers, once the content was read to the end; null if there were none. */
    public @Nullable FieldSection trailers() {
        return core.feed().trailers();
    }

    /** Gives up what was not read: the server is told to stop. */
    @Override
    public void close() throws IOException {
        body.close();
    }

    @Override
    public String toString() {
        return status() + " from " + core.who();
    }
}
