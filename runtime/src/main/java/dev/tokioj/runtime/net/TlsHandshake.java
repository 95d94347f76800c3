package dev.tokioj.runtime.net;

import dev.tokioj.runtime.IoRegistration;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * The handshake of a {@link TlsStream}. All of it that computes runs in the runtime's blocking pool, from one wait for the peer to the next:
 * keys are drawn and signatures made there, and trust managers, key managers and whatever else of a user's the engine calls. An engine
 * delegates most of that, but not all (a client's key manager may be asked while it opens a record), so it is not asked to. The task
 * that called sends and receives, and no lock of ours is held by anybody.
 */
final class TlsHandshake {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** How long the peer is given to take the alert that tells him why. */
    private static final Duration ALERT_TIMEOUT = Duration.ofSeconds(1);

    /** What comes after what was made to be sent. */
    private sealed interface Next {
        /** The peer has the word. */
        record Receive() implements Next {}

        /** It is over. */
        record Done() implements Next {}

        /** It has failed of this. */
        record Failed(SSLException why) implements Next {}
    }

    private final TcpStream tcp;
    private final SSLEngine engine;
    private final SealedInput in;
    /** What is to be sent. */
    private final ByteArrayOutputStream flight = new ByteArrayOutputStream();
    // Of the thread that advances.
    private boolean begun;
    private ByteBuffer record;
    private ByteBuffer plain;

    private TlsHandshake(TcpStream tcp, SSLEngine engine, SealedInput in) {
        this.tcp = tcp;
        this.engine = engine;
        this.in = in;
        this.record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    }

    /**
     * Waits until it is over.
     *
     * @param in may have bytes from behind the handshake afterwards
     * @throws java.net.SocketTimeoutException it was not by the deadline
     * @throws SSLHandshakeException it has failed; the peer was told
     */
    static void run(TcpStream tcp, SSLEngine engine, SealedInput in, long deadline) throws IOException {
        try {
            new TlsHandshake(tcp, engine, in).run(deadline);
        } catch (SSLException e) {
            SSLHandshakeException named = new SSLHandshakeException(
                    "the TLS handshake with " + tcp.remoteAddress() + " failed: " + e.getMessage());
            named.initCause(e);
            throw named;
        }
    }

    private void run(long deadline) throws IOException {
        while (true) {
            switch (SharedEngine.beside(tcp.loop().runtime(), this::advance, deadline)) {
                case Next.Receive() -> {
                    send(deadline);
                    if (!in.fill(engine.getSession().getPacketBufferSize(), deadline)) {
                        throw new SSLException("the connection ended in the middle of it");
                    }
                }
                case Next.Done() -> {
                    send(deadline);
                    return;
                }
                case Next.Failed(SSLException why) -> {
                    sayWhy(why);
                    throw why;
                }
            }
        }
    }

    private void send(long deadline) throws IOException {
        byte[] bytes = flight.toByteArray();
        flight.reset();
        tcp.write(bytes, 0, bytes.length, deadline);
    }

    /** The alert that tells the peer (RFC 8446 section 6.2), if it still listens. */
    private void sayWhy(SSLException failure) {
        try {
            send(IoRegistration.deadlineIn(ALERT_TIMEOUT));
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    // ---- in the blocking pool

    /** Goes as far as it can without more from the peer. */
    private Next advance() {
        try {
            return untilThePeerIsAsked();
        } catch (SSLException e) {
            makeAlert(e);
            return new Next.Failed(e);
        }
    }

    private Next untilThePeerIsAsked() throws SSLException {
        if (!begun) {
            begun = true;
            engine.beginHandshake();
        }
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> wrap();
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!unwrap()) {
                        return new Next.Receive();
                    }
                }
                case NEED_TASK -> compute();
                case FINISHED, NOT_HANDSHAKING -> {
                    return new Next.Done();
                }
            }
        }
    }

    private void compute() {
        for (Runnable work = engine.getDelegatedTask(); work != null; work = engine.getDelegatedTask()) {
            work.run();
        }
    }

    /** Whether there was a record. */
    private boolean unwrap() throws SSLException {
        return switch (engine.unwrap(in.waiting(), plain.clear()).getStatus()) {
            case OK -> true;
            case BUFFER_UNDERFLOW -> false;
            case BUFFER_OVERFLOW -> {
                plain = larger(plain, engine.getSession().getApplicationBufferSize());
                yield true;
            }
            case CLOSED -> throw new SSLHandshakeException("closed by the peer");
        };
    }

    private void wrap() throws SSLException {
        SSLEngineResult result = engine.wrap(NOTHING, record.clear());
        switch (result.getStatus()) {
            case OK, BUFFER_UNDERFLOW -> flight.write(record.array(), 0, record.position());
            case CLOSED -> {
                if (result.bytesProduced() == 0) {
                    throw new SSLHandshakeException("closed by the peer");
                }
                flight.write(record.array(), 0, record.position());
            }
            case BUFFER_OVERFLOW -> record = larger(record, engine.getSession().getPacketBufferSize());
        }
    }

    private static ByteBuffer larger(ByteBuffer than, int wanted) {
        return ByteBuffer.allocate(Math.max(than.capacity() * 2, wanted));
    }

    private void makeAlert(SSLException failure) {
        try {
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone()) {
                wrap();
            }
        } catch (SSLException e) {
            failure.addSuppressed(e);
        }
    }
}
