package dev.tokioj.net;

import dev.tokioj.runtime.OutboundHandoff;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/** The content of our message, as a stream that counts: it must be as long as its {@code content-length} says. One task. */
final class BodyOutput extends OutputStream {
    /** No length was announced. */
    static final long UNKNOWN = -1;

    private enum State {
        OPEN,
        CLOSED
    }

    private final OutboundHandoff out;
    private final long announced;
    private final Runnable onComplete;
    private long written;
    private State state = State.OPEN;

    /** {@code onComplete} ends the message; it runs when the stream is closed and the length is right. */
    BodyOutput(OutboundHandoff out, long announced, Runnable onComplete) {
        this.out = out;
        this.announced = announced;
        this.onComplete = onComplete;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buf, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        if (state == State.CLOSED) {
            throw new StreamClosedException("the content was closed: no write after that");
        }
        if (announced != UNKNOWN && len > announced - written) {
            throw new IOException("more content than the content-length of " + announced);
        }
        int taken = 0;
        try {
            while (taken < len) {
                taken += out.write(buf, off + taken, len - taken, OutboundHandoff.NO_DEADLINE);
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException("there was no deadline", e);
        } catch (QuicException e) {
            state = State.CLOSED;
            throw Failures.rethrown(e);
        } finally {
            written += taken;
        }
    }

    /** Ends the message. If it is shorter than announced it is not ended, so that its failure shows. */
    @Override
    public void close() throws IOException {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (announced != UNKNOWN && written < announced) {
            throw new IOException("less content (" + written + ") than the content-length of " + announced);
        }
        onComplete.run();
    }
}
