package dev.tokioj.runtime.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A {@link ByteStream} as the JDK's streams. */
final class StreamViews {
    private StreamViews() {}

    static InputStream input(ByteStream stream) {
        return new Input(stream);
    }

    static OutputStream output(ByteStream stream) {
        return new Output(stream);
    }

    private static final class Input extends InputStream {
        private final ByteStream stream;

        Input(ByteStream stream) {
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return stream.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buf, int off, int len) throws IOException {
            return stream.read(buf, off, len);
        }

        /** As much at once as one call of the kernel gives. */
        @Override
        public long transferTo(OutputStream out) throws IOException {
            byte[] buf = new byte[TcpSocket.MOST];
            long moved = 0;
            int n;
            while ((n = stream.read(buf, 0, buf.length)) >= 0) {
                out.write(buf, 0, n);
                moved += n;
            }
            return moved;
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    private static final class Output extends OutputStream {
        private final ByteStream stream;

        Output(ByteStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(int b) throws IOException {
            stream.write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] buf, int off, int len) throws IOException {
            stream.write(buf, off, len);
        }

        @Override
        public void close() throws IOException {
            stream.shutdownOutput();
        }
    }
}
