package dev.tokioj.sim;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.stream.StreamSink;
import dev.tokioj.tls.Delegated;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A protocol for transfers in tests: a request on a bidirectional stream is eight bytes, how many bytes to send back; the
 * answer's bytes follow from their stream and position, so both sides know them and nothing is stored.
 */
public final class Bulk {
    private static final int REQUEST = Long.BYTES;
    private static final int CHUNK = 4096;

    private Bulk() {}

    /** The byte of a stream at a position. */
    static byte byteAt(long stream, long position) {
        long x = (stream + 1) * 0x9E3779B97F4A7C15L + (position >>> 3);
        x = (x ^ (x >>> 31)) * 0xBF58476D1CE4E5B9L;
        return (byte) (x >>> ((position & 7) * 8));
    }

    /** What both sides share: the end of the connection, and TLS work done on the spot. */
    public abstract static sealed class Side implements ConnectionHandler {
        final LongSupplier clock;
        private @Nullable CloseReason reason;
        private boolean ready;

        Side(LongSupplier clock) {
            this.clock = clock;
        }

        /** Why the connection ended, or null. */
        public final @Nullable CloseReason closed() {
            return reason;
        }

        /** Whether the handshake is complete. */
        public final boolean isReady() {
            return ready;
        }

        @Override
        public void onHandshakeComplete(Connection c) {
            ready = true;
        }

        @Override
        public void onStreamsAvailable(Connection c, boolean bidirectional) {}

        @Override
        public void onStreamSendComplete(Connection c, long streamId) {}

        @Override
        public void recycle(byte[] chunk) {
            throw new AssertionError("no owned chunk was written");
        }

        @Override
        public void onDelegated(Connection c, Delegated work) {
            work.run();
            c.resume(clock.getAsLong(), work);
        }

        @Override
        public void onClosed(Connection c, CloseReason closeReason) {
            reason = closeReason;
        }
    }

    /** Sends what is asked for. */
    public static final class Server extends Side {
        private final Map<Long, Sending> sendings = new HashMap<>();

        /** One for each connection. */
        public Server(LongSupplier clock) {
            super(clock);
        }

        @Override
        public StreamSink onPeerStream(Connection c, long streamId) {
            Sending answer = new Sending(c, streamId);
            sendings.put(streamId, answer);
            return answer;
        }

        @Override
        public void onStreamWritable(Connection c, long streamId) {
            Sending answer = sendings.get(streamId);
            if (answer != null) {
                answer.send();
            }
        }

        @Override
        public void onStopSending(Connection c, long streamId, long code) {
            sendings.remove(streamId);
            c.release(streamId);
        }

        /** Answers that are not sent whole. */
        public int pending() {
            return sendings.size();
        }

        private final class Sending implements StreamSink {
            private final Connection connection;
            private final long stream;
            private final ByteBuffer request = ByteBuffer.allocate(REQUEST);
            private final byte[] chunk = new byte[CHUNK];
            private long length;
            private long sent;

            Sending(Connection connection, long stream) {
                this.connection = connection;
                this.stream = stream;
            }

            @Override
            public void onData(byte[] buf, int off, int len) {
                connection.consumed(stream, len);
                int wanted = Math.min(len, request.remaining());
                request.put(buf, off, wanted);
            }

            @Override
            public void onFin() {
                if (request.hasRemaining()) {
                    connection.reset(stream, 1);
                    sendings.remove(stream);
                    connection.release(stream);
                    return;
                }
                length = request.getLong(0);
                send();
            }

            @Override
            public void onReset(long code) {
                connection.reset(stream, code);
                sendings.remove(stream);
                connection.release(stream);
            }

            void send() {
                while (sent < length) {
                    int n = (int) Math.min(CHUNK, length - sent);
                    for (int i = 0; i < n; i++) {
                        chunk[i] = byteAt(stream, sent + i);
                    }
                    int taken = connection.write(stream, chunk, 0, n);
                    sent += taken;
                    if (taken < n) {
                        return;
                    }
                }
                connection.finish(stream);
                sendings.remove(stream);
                connection.release(stream);
            }
        }
    }

    /** Asks, and compares what comes with what should. */
    public static final class Client extends Side {
        private final long[] sizes;
        private int opened;
        private int finished;
        private long receivedBytes;
        private @Nullable String wrong;

        /**
         * A client for one connection.
         *
         * @param sizes an answer of each of these sizes is asked for, in parallel as far as the server lets it
         */
        public Client(LongSupplier clock, long... sizes) {
            super(clock);
            this.sizes = sizes.clone();
        }

        @Override
        public void onHandshakeComplete(Connection c) {
            super.onHandshakeComplete(c);
            ask(c);
        }

        @Override
        public void onStreamsAvailable(Connection c, boolean bidirectional) {
            ask(c);
        }

        private void ask(Connection c) {
            while (opened < sizes.length) {
                Receiving receiving = new Receiving(c, sizes[opened]);
                long id = c.openStream(true, receiving);
                if (id < 0) {
                    return;
                }
                opened++;
                receiving.stream = id;
                byte[] request =
                        ByteBuffer.allocate(REQUEST).putLong(receiving.expected).array();
                if (c.write(id, request, 0, REQUEST) != REQUEST) {
                    wrong = "a fresh stream took no eight bytes";
                }
                c.finish(id);
            }
        }

        /** Whether all came, and came right. */
        public boolean isDone() {
            return finished == sizes.length && wrong == null;
        }

        /** What was wrong, or null. */
        public @Nullable String wrong() {
            return wrong;
        }

        /** Bytes that came so far. */
        public long receivedBytes() {
            return receivedBytes;
        }

        @Override
        public StreamSink onPeerStream(Connection c, long streamId) {
            wrong = "the server opened stream " + streamId;
            throw new AssertionError(wrong);
        }

        @Override
        public void onStreamWritable(Connection c, long streamId) {}

        @Override
        public void onStopSending(Connection c, long streamId, long code) {
            wrong = "STOP_SENDING on " + streamId;
        }

        private final class Receiving implements StreamSink {
            private final Connection connection;
            private final long expected;
            private long stream;
            private long position;

            Receiving(Connection connection, long expected) {
                this.connection = connection;
                this.expected = expected;
            }

            @Override
            public void onData(byte[] buf, int off, int len) {
                for (int i = 0; i < len; i++) {
                    if (buf[off + i] != byteAt(stream, position + i)) {
                        wrong = "stream " + stream + " differs at " + (position + i);
                        break;
                    }
                }
                position += len;
                receivedBytes += len;
                connection.consumed(stream, len);
            }

            @Override
            public void onFin() {
                if (position != expected) {
                    wrong = "stream " + stream + " ended at " + position + " of " + expected;
                }
                finished++;
                connection.release(stream);
            }

            @Override
            public void onReset(long code) {
                wrong = "stream " + stream + " was reset with " + code;
                connection.release(stream);
            }
        }
    }
}
