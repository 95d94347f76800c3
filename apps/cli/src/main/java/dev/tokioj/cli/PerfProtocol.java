package dev.tokioj.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicStream;
import dev.tokioj.runtime.TaskGroup;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Random;

/** What the two sides of {@code tokioj perf} say to each other: an operation's byte first on each stream. */
final class PerfProtocol {
    static final String ALPN = "tokioj-perf";

    /** Eight bytes of length follow; that many bytes come back. */
    static final int DOWNLOAD = 'D';

    /** Any number of bytes follow; eight bytes with their count come back. */
    static final int UPLOAD = 'U';

    /** {@link #REQUEST_SIZE} bytes in all; {@link #RESPONSE_SIZE} bytes come back. */
    static final int REQUEST = 'R';

    /** Eight bytes come back: the CPU time of the server's process, ns. */
    static final int CPU = 'C';

    static final int REQUEST_SIZE = 64;
    static final int RESPONSE_SIZE = 1000;
    static final int CHUNK = 64 * 1024;

    private static final byte[] CONTENT = new byte[CHUNK];

    static {
        new Random(1).nextBytes(CONTENT);
    }

    private PerfProtocol() {}

    /** Bytes to send: random, so that nothing on the way could shrink them. */
    static byte[] content() {
        return CONTENT;
    }

    /** CPU time of this process with its collector and compiler, ns. */
    static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    /** Serves a connection until it ends. */
    static void serve(QuicConnection connection) throws IOException, InterruptedException {
        try (TaskGroup group = TaskGroup.collect()) {
            while (connection.acceptStream() instanceof QuicStream stream) {
                group.spawn(() -> {
                    try (stream) {
                        serve(stream);
                    }
                });
            }
        }
    }

    private static void serve(QuicStream stream) throws IOException {
        DataInputStream in = new DataInputStream(stream.input());
        switch (in.read()) {
            case DOWNLOAD -> download(stream.output(), in.readLong());
            case UPLOAD -> stream.write(longBytes(drain(stream)));
            case REQUEST -> {
                in.readNBytes(REQUEST_SIZE - 1);
                stream.write(CONTENT, 0, RESPONSE_SIZE);
            }
            case CPU -> stream.write(longBytes(cpuNanos()));
            default -> stream.reset(1);
        }
    }

    private static void download(OutputStream out, long length) throws IOException {
        for (long left = length; left > 0; left -= CHUNK) {
            out.write(CONTENT, 0, (int) Math.min(CHUNK, left));
        }
    }

    private static long drain(QuicStream stream) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long count = 0;
        for (int n = stream.read(chunk); n >= 0; n = stream.read(chunk)) {
            count += n;
        }
        return count;
    }

    /** Asks the server for the CPU time it has used. */
    static long serverCpuNanos(QuicConnection connection) throws IOException {
        try (QuicStream stream = connection.openStream()) {
            stream.write(new byte[] {CPU});
            stream.finish();
            return readLong(stream);
        }
    }

    static long readLong(QuicStream stream) throws IOException {
        byte[] answer = stream.input().readNBytes(Long.BYTES);
        if (answer.length < Long.BYTES) {
            throw new EOFException("the perf server's answer was cut short");
        }
        return ByteBuffer.wrap(answer).getLong();
    }

    static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }
}
