package dev.tokioj.runtime.net;

import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.LoopLogger;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS over a {@link TcpStream}, by the JDK's {@link SSLEngine}: client or server, ALPN, the host's name checked unless told otherwise.
 * Handshakes are computed in the runtime's blocking pool, and there alone trust and key managers are called: on no loop, and under no
 * lock but the engine's, for which nobody here waits meanwhile. Threads, deadlines and interrupts as with {@link TcpStream}.
 *
 * <p>The end is authentic: a read returns -1 only after the peer's close_notify. A connection that ends without is an
 * {@link SSLException}, because somebody may have cut it (RFC 8446 section 6.1).
 *
 * <p>It holds two buffers of one record's size each way, however much is read and written.
 */
public final class TlsStream implements ByteStream {
    private static final System.Logger LOG = LoopLogger.of(System.getLogger(TlsStream.class.getName()));

    /** How long a close waits for room to send its close_notify. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    /**
     * How many records in a row that ask for an answer a peer may send without reading the answers. The engine keeps an answer for
     * each, and a key update (RFC 8446 section 4.6.3) costs its sender next to nothing.
     */
    private static final int MOST_OWED = 32;

    private enum Inbound {
        OPEN,
        /** The peer has sent close_notify. */
        ENDED,
        /** {@link #broken} says why. */
        BROKEN
    }

    private final TcpStream tcp;
    private final SharedEngine engine;
    private final TlsRecords out;
    private final AtomicBoolean reading = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    // The reader's.
    private Inbound inbound = Inbound.OPEN;
    private @Nullable SSLException broken;
    /** Records that asked for an answer since the engine had none to send, up to {@link #MOST_OWED}. */
    private int owed;
    /** Records in a row since others were let: one read of TCP brings hundreds of small ones. */
    private int records;
    /** What has come, encrypted. */
    private final SealedInput sealed;
    /** Opened bytes that wait. */
    private ByteBuffer plain;

    private TlsStream(TcpStream tcp, SharedEngine engine, SealedInput sealed) {
        this.tcp = tcp;
        this.engine = engine;
        this.sealed = sealed;
        this.plain =
                ByteBuffer.allocate(engine.session().getApplicationBufferSize()).limit(0);
        this.out = new TlsRecords(tcp, engine);
    }

    /**
     * Connects by name and secures the connection, on the caller's runtime.
     *
     * @param timeout for the connection; the handshake has its own
     * @throws SSLException the peer is not who it should be, or speaks otherwise
     * @throws IOException as {@link TcpStream#connect(String, int, Duration)}
     */
    public static TlsStream connect(String host, int port, TlsOptions options, Duration timeout) throws IOException {
        return client(TcpStream.connect(host, port, timeout), host, options);
    }

    /**
     * Secures a connection as its client. Owns the connection from here on: it is closed if this fails.
     *
     * @param host the name that the certificate must be for, and that the server is told (SNI)
     * @throws SSLException the peer is not who it should be, or speaks otherwise
     * @throws SocketTimeoutException the handshake was not done in time
     * @throws dev.tokioj.runtime.TaskLimitException the blocking pool takes no more
     */
    public static TlsStream client(TcpStream tcp, String host, TlsOptions options) throws IOException {
        try {
            SSLEngine engine = options.contextOrDefault()
                    .createSSLEngine(host, tcp.remoteAddress().getPort());
            engine.setUseClientMode(true);
            SSLParameters parameters = parameters(engine, options);
            if (options.verifyHostname()) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            return secured(tcp, engine, parameters, options);
        } catch (IOException | RuntimeException | Error e) {
            tcp.close();
            throw e;
        }
    }

    /** Secures an accepted connection as its server; as {@link #client}. */
    public static TlsStream server(TcpStream tcp, TlsOptions options) throws IOException {
        try {
            SSLEngine engine = options.contextOrDefault().createSSLEngine();
            engine.setUseClientMode(false);
            SSLParameters parameters = parameters(engine, options);
            parameters.setNeedClientAuth(options.clientAuth());
            return secured(tcp, engine, parameters, options);
        } catch (IOException | RuntimeException | Error e) {
            tcp.close();
            throw e;
        }
    }

    private static SSLParameters parameters(SSLEngine engine, TlsOptions options) {
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(options.alpn().toArray(String[]::new));
        if (!options.protocols().isEmpty()) {
            parameters.setProtocols(options.protocols().toArray(String[]::new));
        }
        return parameters;
    }

    private static TlsStream secured(TcpStream tcp, SSLEngine engine, SSLParameters parameters, TlsOptions options)
            throws IOException {
        EventLoop.checkMayBlock("a TLS handshake");
        engine.setSSLParameters(parameters);
        SealedInput sealed = new SealedInput(tcp, engine.getSession().getPacketBufferSize());
        try {
            TlsHandshake.run(tcp, engine, sealed, IoRegistration.deadlineIn(options.handshakeTimeout()));
        } catch (SocketTimeoutException e) {
            SocketTimeoutException named = new SocketTimeoutException(
                    "the TLS handshake with " + tcp.remoteAddress() + " was not done in " + options.handshakeTimeout());
            named.initCause(e);
            throw named;
        }
        return new TlsStream(tcp, new SharedEngine(engine, tcp.loop().runtime()), sealed);
    }

    // ---- reading

    @Override
    public int read(byte[] buf, int off, int len, long deadlineNanos) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        EventLoop.checkMayBlock("a TlsStream's read");
        if (!reading.compareAndSet(false, true)) {
            throw new IllegalStateException("a second concurrent read of " + this);
        }
        try {
            if (len == 0) {
                return 0;
            }
            while (!plain.hasRemaining()) {
                if (inbound == Inbound.ENDED) {
                    return -1;
                }
                if (broken != null) {
                    throw new SSLException(broken.getMessage(), broken);
                }
                if (engine.isComputing()) {
                    compute(deadlineNanos);
                }
                step(plain.clear(), deadlineNanos);
            }
            int n = Math.min(len, plain.remaining());
            plain.get(buf, off, n);
            return n;
        } finally {
            reading.set(false);
        }
    }

    /** Opens one record into {@code to}, which is left as {@link #plain}, ready to be read; waits for more bytes if there is none. */
    private void step(ByteBuffer to, long deadline) throws IOException {
        boolean done = false;
        try {
            SSLEngineResult result = engine.unwrap(sealed.waiting(), to);
            done = true;
            switch (result.getStatus()) {
                case OK -> {
                    records = TcpStream.breathe(records);
                    afterRecord(result, deadline);
                }
                case CLOSED -> inbound = Inbound.ENDED;
                case BUFFER_UNDERFLOW -> fill(deadline);
                case BUFFER_OVERFLOW ->
                    plain = ByteBuffer.allocate(
                            Math.max(plain.capacity() * 2, engine.session().getApplicationBufferSize()));
            }
        } catch (SSLException e) {
            if (!done) {
                inbound = Inbound.BROKEN;
                broken = e;
                answerAtOnce(e);
            }
            throw e;
        } finally {
            plain.flip();
        }
    }

    /** From the reader: the alert as far as there is room, because who writes may wait for this reader. */
    private void answerAtOnce(SSLException failure) {
        try {
            out.answer();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void afterRecord(SSLEngineResult result, long deadline) throws IOException {
        switch (result.getHandshakeStatus()) {
            case NEED_TASK -> compute(deadline);
            case NEED_WRAP -> {
                out.answer();
                countOwed(result, deadline);
            }
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN, FINISHED, NOT_HANDSHAKING -> owed = 0;
        }
    }

    /** What was computed may be an answer, for which the peer waits before he sends more. */
    private void compute(long deadline) throws IOException {
        engine.compute(deadline);
        out.answer();
    }

    private void countOwed(SSLEngineResult result, long deadline) throws IOException {
        if (engine.use(deadline, SSLEngine::getHandshakeStatus) != SSLEngineResult.HandshakeStatus.NEED_WRAP) {
            owed = 0;
        } else if (result.bytesConsumed() > 0 && result.bytesProduced() == 0 && ++owed > MOST_OWED) {
            SSLException enough =
                    new SSLException("the peer asks for key updates and does not read the answers: " + remoteAddress());
            inbound = Inbound.BROKEN;
            broken = enough;
            throw enough;
        }
    }

    private void fill(long deadline) throws IOException {
        if (!sealed.fill(engine.session().getPacketBufferSize(), deadline)) {
            inbound = Inbound.BROKEN;
            broken = new SSLException("the connection to " + tcp.remoteAddress()
                    + " ended without close_notify: what was read may be cut short");
            throw new SSLException(broken.getMessage());
        }
    }

    // ---- writing, the end

    @Override
    public void write(byte[] buf, int off, int len, long deadlineNanos) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        EventLoop.checkMayBlock("a TlsStream's write");
        out.write(buf, off, len, deadlineNanos);
    }

    /** Sends close_notify after what was written, and the end of TCP's half after it; reading goes on (TLS 1.3). */
    @Override
    public void shutdownOutput() throws IOException {
        EventLoop.checkMayBlock("TlsStream.shutdownOutput");
        out.end(IoRegistration.NO_DEADLINE);
        tcp.shutdownOutput();
    }

    @Override
    public InputStream input() {
        return StreamViews.input(this);
    }

    @Override
    public OutputStream output() {
        return StreamViews.output(this);
    }

    /** The protocol agreed on by ALPN; empty: none. As {@link #session}. */
    public String applicationProtocol() {
        return engine.applicationProtocol();
    }

    /**
     * What was agreed on, and the peer's certificates, as of the last handshake that has ended. Any thread, callbacks of a loop among them:
     * waits for nothing, also while a peer renegotiates (TLS 1.2).
     */
    public SSLSession session() {
        return engine.session();
    }

    /** The peer. */
    public InetSocketAddress remoteAddress() {
        return tcp.remoteAddress();
    }

    /** The connection under it. Its bytes are TLS's. */
    public TcpStream tcp() {
        return tcp;
    }

    /**
     * Sends close_notify, if there is room for it within a second and nobody is in the middle of a write, and closes the connection. A
     * callback of a loop closes without. Who waits in a read or write gets an error. Idempotent.
     */
    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            EventLoop.checkMayBlock("TlsStream.close");
            out.tryEnd(IoRegistration.deadlineIn(CLOSE_TIMEOUT));
        } catch (IOException | IllegalStateException e) {
            // The peer is gone, or does not read, or we may not wait: it sees the connection end without.
            LOG.log(System.Logger.Level.DEBUG, "no close_notify for " + tcp.remoteAddress(), e);
        } finally {
            tcp.close();
            engine.cancel();
        }
    }

    /** Closes at once: the peer gets a reset. */
    public void abort() {
        closed.set(true);
        tcp.abort();
        engine.cancel();
    }

    @Override
    public String toString() {
        return "tls " + tcp.remoteAddress();
    }
}
