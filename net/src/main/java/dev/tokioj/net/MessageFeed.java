package dev.tokioj.net;

import dev.tokioj.http3.FieldSection;
import dev.tokioj.http3.RequestStream;
import dev.tokioj.runtime.InboundHandoff;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The peer's message on one request stream, from the stream to the task that reads it; credit is given as the task consumes. Loop's
 * thread only, but for {@link #input} and the methods that say so.
 */
final class MessageFeed {
    /** Bytes: what most answers of a program to a program fit into. */
    private static final int FIRST_GUESS = 1024;

    private final InboundHandoff in;
    private final Shard shard;
    private volatile @Nullable FieldSection trailers;
    private volatile @Nullable Duration readTimeout;
    private @Nullable RequestStream stream;

    MessageFeed(Shard shard) {
        this.shard = shard;
        this.in = new InboundHandoff(
                shard.waiting(),
                shard.chunks(),
                shard.loop().newSignal(this::giveCredit)::raise,
                shard.settings().creditThreshold());
    }

    // Loop.

    void attach(RequestStream requestStream) {
        stream = requestStream;
    }

    void onBody(byte[] buf, int off, int len) {
        shard.arrivals().offer(in, buf, off, len);
    }

    void onTrailers(FieldSection section) {
        trailers = section;
    }

    void onEnd() {
        in.end();
    }

    void fail(IOException cause) {
        in.fail(cause);
    }

    /** The stream is released: it takes no credit any more. */
    void detach() {
        stream = null;
    }

    private void giveCredit() {
        long consumed = in.takeConsumed();
        if (stream != null && consumed > 0) {
            stream.consumed(consumed);
        }
    }

    // The reading task.

    /** The trailer section, once the end was read; null if there was none. */
    @Nullable FieldSection trailers() {
        return trailers;
    }

    /**
     * All the content that is left.
     *
     * @param expected its bytes if the head says, or -1
     * @throws IOException if there is more than {@code limit}
     */
    static byte[] readWhole(InputStream content, long expected, int limit) throws IOException {
        byte[] bytes =
                new byte[(int) Math.min(limit, expected >= 0 ? expected : Math.max(FIRST_GUESS, content.available()))];
        int n = 0;
        while (true) {
            int k = n < bytes.length ? content.read(bytes, n, bytes.length - n) : -1;
            if (k >= 0) {
                n += k;
                continue;
            }
            int next = n == bytes.length ? content.read() : -1;
            if (next < 0) {
                return n == bytes.length ? bytes : Arrays.copyOf(bytes, n);
            }
            if (n == limit) {
                throw new IOException("the content is longer than " + limit + " bytes");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(FIRST_GUESS, 2L * n)));
            bytes[n++] = (byte) next;
        }
    }

    /** What the head says of the length of the content, or -1. */
    static long announcedLength(FieldSection head) {
        String length = head.first("content-length");
        // The core has checked that it is a number.
        return length == null ? BodyOutput.UNKNOWN : Long.parseLong(length);
    }

    /** How long each read may wait; null: for ever. */
    void readTimeout(@Nullable Duration timeout) {
        readTimeout = timeout;
    }

    /** Wants no more. */
    void cancel() {
        in.cancel();
    }

    /** The content. {@code afterEnd} runs once, when the end or a failure was read or the stream was closed. */
    InputStream input(Runnable afterEnd) {
        return new Content(afterEnd);
    }

    private final class Content extends InputStream {
        private enum State {
            OPEN,
            AT_END,
            CLOSED
        }

        private final Runnable afterEnd;
        private State state = State.OPEN;

        Content(Runnable afterEnd) {
            this.afterEnd = afterEnd;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buf, int off, int len) throws IOException {
            Objects.checkFromIndexSize(off, len, buf.length);
            switch (state) {
                case AT_END -> {
                    return -1;
                }
                case CLOSED -> throw new StreamClosedException("the content was closed here: no read after that");
                case OPEN -> {}
            }
            Duration timeout = readTimeout;
            try {
                int n = in.read(buf, off, len, timeout == null ? InboundHandoff.NO_DEADLINE : shard.deadline(timeout));
                if (n < 0) {
                    move(State.AT_END);
                }
                return n;
            } catch (TimeoutException e) {
                throw new StreamTimeoutException("no content came in " + timeout + "; read again, or give it more", 0);
            } catch (QuicException e) {
                move(State.CLOSED);
                throw Failures.rethrown(e);
            }
        }

        @Override
        public int available() {
            return state == State.OPEN ? in.available() : 0;
        }

        @Override
        public void close() {
            if (state == State.OPEN) {
                in.cancel();
                move(State.CLOSED);
            }
        }

        private void move(State to) {
            state = to;
            afterEnd.run();
        }
    }
}
