package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.waiters.AnsweringBody;
import dev.tokioj.runtime.waiters.Arm;
import dev.tokioj.runtime.waiters.SourcePublisher;
import dev.tokioj.runtime.waiters.SourcePublisher.Next;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What a {@link ByteStream} reads, for {@link ByteStream#publisher}: a wait in a read is ended by an interrupt, which loses nothing. */
final class StreamPublisher implements SourcePublisher.Source<ByteBuffer> {
    private final ByteStream stream;
    private final byte[] scratch = new byte[TcpSocket.MOST];
    /** Who is in a read; who takes it away interrupts. */
    private final AtomicReference<@Nullable Thread> reading = new AtomicReference<>();

    private volatile boolean over;

    private StreamPublisher(ByteStream stream) {
        this.stream = stream;
    }

    static Flow.Publisher<ByteBuffer> of(ByteStream stream) {
        return new SourcePublisher<>(body -> spawn(stream, "publisher", body), () -> new StreamPublisher(stream));
    }

    /** In a task on the stream's own loop, where no other thread takes part. */
    static void spawn(ByteStream stream, String role, AnsweringBody body) {
        EventLoop loop = switch (stream) {
            case TcpStream tcp -> tcp.loop();
            case TlsStream tls -> tls.tcp().loop();
        };
        // Nobody joins it: what it has to say it says to the subscriber.
        var _ = loop.spawn(SpawnOptions.DEFAULT.named(stream + " " + role), body);
    }

    @Override
    public Next<ByteBuffer> next(Arm control) throws IOException {
        Thread self = Thread.currentThread();
        reading.set(self);
        try {
            if (over) {
                return new Next.Nudged<>();
            }
            int n = stream.read(scratch, 0, scratch.length);
            return n < 0 ? new Next.End<>() : new Next.Element<>(ByteBuffer.wrap(Arrays.copyOf(scratch, n)));
        } catch (InterruptedIOException e) {
            if (over) {
                return new Next.Nudged<>();
            }
            throw e;
        } finally {
            if (!reading.compareAndSet(self, null)) {
                awaitInterrupt();
            }
        }
    }

    /** It was meant for the read: nothing of the subscriber's is to meet it. */
    @SuppressWarnings("ThreadPriorityCheck") // who is about to interrupt may need our loop
    private static void awaitInterrupt() {
        while (!Thread.interrupted()) {
            Thread.yield();
        }
    }

    @Override
    public void nudge() {
        over = true;
        Thread thread = reading.get();
        if (thread != null && reading.compareAndSet(thread, null)) {
            thread.interrupt();
        }
    }

    @Override
    public void close() {
        // The connection is not the subscriber's to close.
    }
}
