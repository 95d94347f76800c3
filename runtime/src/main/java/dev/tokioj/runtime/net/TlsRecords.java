package dev.tokioj.runtime.net;

import dev.tokioj.runtime.IoRegistration;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * What a {@link TlsStream} sends: one record at a time, made by the engine in a buffer of one record's size and written whole before the
 * next is made. A write that ends early (a deadline, an interrupt) leaves the rest in the buffer, which goes out before anything else.
 *
 * <p>The lock is held by whoever makes and sends a record; only a writer waits while it holds it. A reader whose engine wants to answer
 * (a key update) must not wait for a writer, whose peer may be waiting for this reader: it sends what there is room for at once, or
 * leaves a wish, and the rest goes before the next application data, which is all that RFC 8446 section 4.6.3 asks.
 *
 * <p>Tasks only, this lock as the engine's own: who holds one may be off his carrier, so a callback of a loop that waited for it
 * would wait for ever. {@link TlsStream} keeps callbacks out.
 */
final class TlsRecords {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TcpStream tcp;
    private final SharedEngine engine;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicBoolean writing = new AtomicBoolean();
    // Guarded by the lock.
    private ByteBuffer record;
    /** Somebody found the lock taken and wants the engine's own records sent. */
    private volatile boolean wished;

    TlsRecords(TcpStream tcp, SharedEngine engine) {
        this.tcp = tcp;
        this.engine = engine;
        this.record =
                ByteBuffer.allocate(engine.session().getPacketBufferSize()).limit(0);
    }

    /** Sends all of it. */
    void write(byte[] buf, int off, int len, long deadline) throws IOException {
        ByteBuffer plain = ByteBuffer.wrap(buf, off, len);
        enter();
        try {
            flush(deadline);
            while (plain.hasRemaining()) {
                SSLEngineResult result = wrap(plain, deadline);
                flush(deadline);
                if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                    throw TcpSocket.broken("a write to", tcp.remoteAddress(), "after the end of TLS");
                }
                if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                    awaitEngine(deadline);
                }
            }
        } catch (InterruptedIOException e) {
            // What the engine has taken is in the record and goes out with the next write.
            e.bytesTransferred = len - plain.remaining();
            throw e;
        } finally {
            leave();
        }
        fulfil();
    }

    /** Writer: the engine makes no record before the reader has had something computed. Nothing tells when that is done. */
    @SuppressWarnings("ThreadPriorityCheck") // whoever computes or reads is to have the processor
    private void awaitEngine(long deadline) throws IOException {
        // Nothing of nothing: tells that it was closed meanwhile.
        tcp.write(record.array(), 0, 0, deadline);
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted in a write to " + tcp);
        }
        if (deadline != IoRegistration.NO_DEADLINE && IoRegistration.deadlineIn(Duration.ZERO) - deadline >= 0) {
            throw new SocketTimeoutException("the deadline of a write to " + tcp + " has passed");
        }
        Thread.yield();
    }

    /** From the reader: sends what the engine wants to send now, as far as that needs no waiting. */
    void answer() throws IOException {
        wished = true;
        fulfil();
    }

    private void fulfil() throws IOException {
        while (wished && lock.tryLock()) {
            try {
                wished = false;
                long atOnce = IoRegistration.deadlineIn(Duration.ZERO);
                flush(atOnce);
                while (engine.use(atOnce, SSLEngine::getHandshakeStatus) == HandshakeStatus.NEED_WRAP
                        && wrap(NOTHING, atOnce).bytesProduced() > 0) {
                    flush(atOnce);
                }
            } catch (InterruptedIOException noRoom) {
                // It stays in the record, before whatever is written next; or the reader computes, and answers then. An
                // interrupt keeps its flag.
                return;
            } finally {
                lock.unlock();
            }
            // Who wished between the last look and the unlock found the lock taken: so look again.
        }
    }

    /** Sends the end (close_notify, RFC 8446 section 6.1) after what was written. */
    void end(long deadline) throws IOException {
        enter();
        try {
            sendEnd(deadline);
        } finally {
            leave();
        }
    }

    /** As {@link #end} at a close, unless somebody is in the middle of a write. */
    void tryEnd(long deadline) throws IOException {
        if (writing.compareAndSet(false, true)) {
            lock.lock();
            try {
                sendEnd(deadline);
            } finally {
                leave();
            }
        }
    }

    private void sendEnd(long deadline) throws IOException {
        flush(deadline);
        engine.use(deadline, free -> {
            free.closeOutbound();
            return free;
        });
        while (!engine.use(deadline, SSLEngine::isOutboundDone)
                && wrap(NOTHING, deadline).bytesProduced() > 0) {
            flush(deadline);
        }
        flush(deadline);
    }

    private void enter() {
        if (!writing.compareAndSet(false, true)) {
            throw new IllegalStateException("a second concurrent write to " + tcp);
        }
        // A reader holds it for a moment, in which he may give way once (TcpStream.breathe).
        lock.lock();
    }

    private void leave() {
        lock.unlock();
        writing.set(false);
    }

    private SSLEngineResult wrap(ByteBuffer plain, long deadline) throws IOException {
        while (true) {
            record.clear();
            SSLEngineResult result;
            try {
                result = engine.wrap(plain, record, deadline);
            } finally {
                record.flip();
            }
            if (result.getStatus() != SSLEngineResult.Status.BUFFER_OVERFLOW) {
                return result;
            }
            record = ByteBuffer.allocate(
                            Math.max(record.capacity() * 2, engine.session().getPacketBufferSize()))
                    .limit(0);
        }
    }

    private void flush(long deadline) throws IOException {
        if (!record.hasRemaining()) {
            return;
        }
        try {
            tcp.write(record.array(), record.position(), record.remaining(), deadline);
            record.position(record.limit());
        } catch (InterruptedIOException e) {
            record.position(record.position() + e.bytesTransferred);
            throw e;
        }
    }
}
