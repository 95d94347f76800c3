package dev.tokioj.runtime.net;

import dev.tokioj.runtime.IoRegistration;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Flow;

/**
 * A connection that carries bytes both ways: {@link TcpStream}, or {@link TlsStream} on top of one. Who calls parks; one thread may
 * read and one may write at a time.
 */
public sealed interface ByteStream extends AutoCloseable permits TcpStream, TlsStream {
    /**
     * Reads what there is, at least one byte, and waits for that.
     *
     * @return the bytes read, or -1 at the end
     */
    default int read(byte[] buf, int off, int len) throws IOException {
        return read(buf, off, len, IoRegistration.NO_DEADLINE);
    }

    /**
     * As {@link #read(byte[], int, int)}, waiting at most this long.
     *
     * @throws java.net.SocketTimeoutException nothing came in time; the stream stays usable
     */
    default int read(byte[] buf, int off, int len, Duration timeout) throws IOException {
        return read(buf, off, len, IoRegistration.deadlineIn(timeout));
    }

    /** As {@link #read(byte[], int, int, Duration)}, until a moment on the clock of the caller's runtime. */
    int read(byte[] buf, int off, int len, long deadlineNanos) throws IOException;

    /** Writes all of it, and waits while the peer does not take it. The bytes are free for reuse on return. */
    default void write(byte[] buf, int off, int len) throws IOException {
        write(buf, off, len, IoRegistration.NO_DEADLINE);
    }

    /**
     * As {@link #write(byte[], int, int)}, waiting at most this long.
     *
     * @throws java.net.SocketTimeoutException not all was taken in time: {@code bytesTransferred} of it says how much was
     */
    default void write(byte[] buf, int off, int len, Duration timeout) throws IOException {
        write(buf, off, len, IoRegistration.deadlineIn(timeout));
    }

    /** As {@link #write(byte[], int, int, Duration)}, until a moment on the clock of the caller's runtime. */
    void write(byte[] buf, int off, int len, long deadlineNanos) throws IOException;

    /** Writes the whole array. */
    default void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    /** Sends the end after what was written; reading goes on. */
    void shutdownOutput() throws IOException;

    /** What comes, as a stream; closing it closes the connection. */
    InputStream input();

    /** What goes, as a stream without a buffer; closing it sends the end and leaves reading as it is. */
    OutputStream output();

    /**
     * What comes, for a reactive pipeline: a buffer for each that is asked for, of what there is, and the end (when it is asked for too). A
     * subscription reads in a task of the stream's loop, and counts as its reader: one at a time, in its turn with plain reads. A cancelled
     * one leaves the connection open and takes nothing more from it; an error of the connection is the subscriber's.
     */
    default Flow.Publisher<ByteBuffer> publisher() {
        return StreamPublisher.of(this);
    }

    /** What goes, from a reactive pipeline; one subscription long. It counts as the stream's writer. See there. */
    default StreamSubscriber subscriber() {
        return new StreamSubscriber(this);
    }

    @Override
    void close() throws IOException;
}
