package dev.tokioj.runtime.net;

import dev.tokioj.runtime.channel.Channel;
import dev.tokioj.runtime.waiters.AnsweringBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a publisher gives to a {@link ByteStream}: {@link ByteStream#subscriber}. For one subscription. A buffer is asked for when
 * one was written, {@value #AHEAD} ahead, so that a peer who does not read holds the publisher back; the writing is a task of the stream's
 * loop, and no signal waits for it.
 *
 * <p>After the publisher's last buffer comes the end ({@link ByteStream#shutdownOutput}); reading goes on. If the publisher fails, the
 * connection is aborted, so that the peer does not take what has come for all there is. If a write fails the subscription is cancelled.
 * {@link #written} tells how it ended.
 */
public final class StreamSubscriber implements Flow.Subscriber<ByteBuffer> {
    /** Buffers asked for beyond the one that is being written: the next is there when that is done. */
    static final int AHEAD = 1;

    private final ByteStream stream;
    private final Channel<ByteBuffer> buffers = Channel.bounded(AHEAD + 1);
    private final CompletableFuture<Long> written = new CompletableFuture<>();
    private final AtomicReference<Flow.@Nullable Subscription> subscription = new AtomicReference<>();
    /** The publisher's, or its breach of the rules. */
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    StreamSubscriber(ByteStream stream) {
        this.stream = stream;
    }

    /**
     * Completes when all is written and the end is sent, with the number of bytes; exceptionally with what the publisher or the connection
     * failed of.
     */
    public CompletionStage<Long> written() {
        return written.minimalCompletionStage();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        Objects.requireNonNull(given, "subscription");
        if (!subscription.compareAndSet(null, given)) {
            given.cancel(); // Reactive Streams rule 2.5
            return;
        }
        try {
            StreamPublisher.spawn(stream, "subscriber", new Writing(given));
        } catch (RejectedExecutionException e) {
            end(given, e);
            return;
        }
        given.request(1 + AHEAD);
    }

    @Override
    public void onNext(ByteBuffer buffer) {
        Objects.requireNonNull(buffer, "buffer");
        if (!buffers.isClosed() && !buffers.trySend(buffer)) {
            fail(new IllegalStateException("more buffers came than were asked for (Reactive Streams rule 1.1)"));
        }
    }

    @Override
    public void onError(Throwable cause) {
        fail(Objects.requireNonNull(cause, "cause"));
    }

    private void fail(Throwable cause) {
        failure.compareAndSet(null, cause);
        buffers.close();
        abort(); // also under a write that waits
    }

    @Override
    public void onComplete() {
        buffers.close();
    }

    /** The writing task. */
    private final class Writing implements AnsweringBody {
        private final Flow.Subscription given;

        Writing(Flow.Subscription given) {
            this.given = given;
        }

        @Override
        public void run() {
            writeAll(given);
        }

        @Override
        public void neverBegins(CancellationException why) {
            end(given, why);
        }
    }

    private void writeAll(Flow.Subscription given) {
        long bytes = 0;
        try {
            for (ByteBuffer next = buffers.receiveOrNull(); next != null; next = buffers.receiveOrNull()) {
                bytes += write(next);
                if (failure.get() == null) {
                    given.request(1);
                }
            }
            Throwable cause = failure.get();
            if (cause == null) {
                stream.shutdownOutput();
                written.complete(bytes);
            } else {
                end(given, cause);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            Throwable cause = failure.get();
            end(given, cause == null ? e : cause);
        }
    }

    private void end(Flow.Subscription given, Throwable cause) {
        buffers.close();
        try {
            given.cancel();
        } finally {
            written.completeExceptionally(cause);
        }
    }

    private int write(ByteBuffer buffer) throws IOException {
        int length = buffer.remaining();
        if (buffer.hasArray()) {
            stream.write(buffer.array(), buffer.arrayOffset() + buffer.position(), length);
            buffer.position(buffer.limit());
        } else {
            byte[] bytes = new byte[length];
            buffer.get(bytes);
            stream.write(bytes);
        }
        return length;
    }

    private void abort() {
        switch (stream) {
            case TcpStream tcp -> tcp.abort();
            case TlsStream tls -> tls.abort();
        }
    }
}
