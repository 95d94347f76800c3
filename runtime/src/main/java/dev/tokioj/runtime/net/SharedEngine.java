package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The engine of a connection whose handshake is over, as its reader, its writer and whoever looks at it share it.
 *
 * <p>A renegotiation (TLS 1.2) lets the engine delegate work again: trust and key managers, which are code of a user and may take as long
 * as they like, and the JDK's engine holds its lock meanwhile. It runs in the blocking pool. Who wants the engine waits for the task and
 * not for that lock, so that a deadline and an interrupt end the wait; who wants to know what was agreed on waits for nothing.
 */
final class SharedEngine {
    /** What was agreed on. */
    private record Agreed(SSLSession session, String protocol) {
        static Agreed by(SSLEngine engine) {
            return new Agreed(engine.getSession(), Objects.requireNonNullElse(engine.getApplicationProtocol(), ""));
        }
    }

    /** What is to be done with the engine. */
    interface Call<T> {
        T on(SSLEngine engine) throws SSLException;
    }

    private final SSLEngine engine;
    private final AsyncRuntime runtime;
    /** Replaced when a renegotiation ends. */
    private volatile Agreed agreed;

    /**
     * Held by a writer while it is in the engine, which delegated work is not, and by the reader while it has such work begun: so no writer
     * is ever behind it at the engine's own lock. Tasks only; nobody waits in it and no code of a user runs.
     */
    private final ReentrantLock turn = new ReentrantLock();
    /**
     * What the engine has delegated and the reader has not seen the end of: an interrupt or a deadline may come first. Written by the
     * reader, in its turn.
     */
    private volatile @Nullable Task<?> computing;
    /**
     * Nobody needs what is computed. Set before {@link #computing} is looked at, and looked at after that is set: whichever comes last, of
     * a close and the begin of such work, cancels it.
     */
    private volatile boolean cancelled;
    // The reader's.
    /** What the engine has delegated and the pool did not take: the engine gives it once. */
    private @Nullable Runnable refused;

    SharedEngine(SSLEngine engine, AsyncRuntime runtime) {
        this.engine = engine;
        this.runtime = runtime;
        this.agreed = Agreed.by(engine);
    }

    /** Any thread: the session, as of the last handshake that has ended. */
    SSLSession session() {
        return agreed.session;
    }

    /** Any thread: the protocol agreed on by ALPN; empty: none. */
    String applicationProtocol() {
        return agreed.protocol;
    }

    /** Reader: opens a record. */
    SSLEngineResult unwrap(ByteBuffer from, ByteBuffer to) throws SSLException {
        return seen(engine.unwrap(from, to));
    }

    /** Who writes: makes a record, once nothing delegated runs. */
    SSLEngineResult wrap(ByteBuffer from, ByteBuffer to, long deadline) throws IOException {
        return use(deadline, free -> seen(free.wrap(from, to)));
    }

    private SSLEngineResult seen(SSLEngineResult result) {
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
            agreed = Agreed.by(engine);
        }
        return result;
    }

    /** Who writes: does this with the engine, once nothing delegated runs. */
    <T> T use(long deadline, Call<T> call) throws IOException {
        while (true) {
            Task<?> running;
            turn.lock();
            try {
                running = computing;
                if (running == null || running.isDone()) {
                    return call.on(engine);
                }
            } finally {
                turn.unlock();
            }
            awaitEnd(running, deadline);
        }
    }

    private static void awaitEnd(Task<?> task, long deadline) throws InterruptedIOException {
        try {
            join(task, deadline);
        } catch (InterruptedIOException e) {
            throw e;
        } catch (Exception reported) {
            // By the reader; to a writer the engine itself tells what has become of the connection.
        }
    }

    /**
     * Reader: has computed what the engine has delegated, and what it had before and nobody waited for to the end.
     *
     * @throws SocketTimeoutException the deadline has passed; the task goes on
     * @throws IoClosedException the connection was closed meanwhile, or before
     */
    void compute(long deadline) throws IOException {
        for (Task<?> task = delegated(); task != null; task = delegated()) {
            try {
                join(task, deadline);
                forget();
            } catch (InterruptedIOException e) {
                throw e;
            } catch (CancellationException e) {
                forget();
                throw closed();
            } catch (IOException | RuntimeException e) {
                forget();
                throw e;
            } catch (Exception e) {
                forget();
                throw new SSLException("a delegated task of the TLS engine failed", e);
            }
        }
        if (cancelled) { // the engine keeps what became of the work that was interrupted
            throw closed();
        }
    }

    private static IoClosedException closed() {
        return new IoClosedException("the connection was closed in the middle of a TLS handshake");
    }

    /** Any thread: the connection is closed, so nobody needs what is computed; who computes it is interrupted. */
    void cancel() {
        cancelled = true;
        Task<?> running = computing;
        if (running != null) {
            running.cancel();
        }
    }

    /** Reader: whether something was left running. */
    boolean isComputing() {
        return computing != null || refused != null;
    }

    /** What is to be waited for: what was left running, else the engine's next, begun; null: nothing. */
    private @Nullable Task<?> delegated() {
        turn.lock();
        try {
            if (computing == null) {
                Runnable work = refused == null ? engine.getDelegatedTask() : refused;
                if (work != null) {
                    refused = work;
                    Task<?> begun = runtime.spawnBlocking(work::run);
                    computing = begun;
                    refused = null;
                    if (cancelled) {
                        begun.cancel();
                    }
                }
            }
            return computing;
        } finally {
            turn.unlock();
        }
    }

    private void forget() {
        turn.lock();
        try {
            computing = null;
        } finally {
            turn.unlock();
        }
    }

    /** Runs it in the blocking pool and waits; who waits no longer needs it no longer, so it is interrupted then. */
    static <T> T beside(AsyncRuntime runtime, Callable<T> work, long deadline) throws IOException {
        Task<T> task = runtime.spawnBlocking(work);
        try {
            return join(task, deadline);
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new SSLException("the TLS engine failed", e);
        } finally {
            task.cancel();
        }
    }

    private static <T> T join(Task<T> task, long deadline) throws Exception {
        try {
            if (deadline == IoRegistration.NO_DEADLINE) {
                return task.join();
            }
            long left = deadline - IoRegistration.deadlineIn(Duration.ZERO);
            return task.join(Duration.ofNanos(Math.max(0, left)));
        } catch (TimeoutException e) {
            SocketTimeoutException late = new SocketTimeoutException("the TLS handshake computes too long");
            late.initCause(e);
            throw late;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted in a TLS handshake");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
