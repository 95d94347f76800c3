package dev.tokioj.bench.parts;

import dev.tokioj.quic.wire.AckRanges;
import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Frames written and read (RFC 9000 section 19): what bulk has in each packet, and an ACK of 10,000 ranges. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameBenchmark {
    private static final int RANGES = 10_000;
    private static final long BASE = 1L << 20;

    private final byte[] buf = new byte[64 << 10];
    private final byte[] packet = new byte[1452];
    private final byte[] longAck = new byte[64 << 10];
    private final ByteWriter writer = new ByteWriter();
    private final ByteReader reader = new ByteReader();
    private final AckRanges iterator = new AckRanges();
    private final long[] few = {BASE, BASE + 5, BASE + 7, BASE + 100};
    private final long[] many = new long[2 * RANGES];
    private final int longAckEnd;

    /** Writes what is read. */
    public FrameBenchmark() {
        for (int i = 0; i < RANGES; i++) {
            many[2 * i] = BASE + 3L * i;
            many[2 * i + 1] = BASE + 3L * i + 1;
        }
        writer.reset(longAck, 0, longAck.length);
        if (FrameCodec.writeAck(writer, 20, many, 0, RANGES, -1, -1, -1) != RANGES) {
            throw new IllegalStateException("the ranges do not fit");
        }
        longAckEnd = writer.position();
        writer.reset(packet, 0, packet.length);
        writeFrames();
    }

    private void writeFrames() {
        FrameCodec.writeAck(writer, 20, few, 0, 2, -1, -1, -1);
        FrameCodec.writeStreamHeader(writer, 4, BASE, 0, false, true);
    }

    /** An ACK and a STREAM header to the end of the packet. */
    @Benchmark
    public int writeAckAndStream() {
        writer.reset(buf, 0, 1452);
        writeFrames();
        return writer.position();
    }

    /** The same, read. */
    @Benchmark
    public boolean readAckAndStream() throws TransportException {
        reader.reset(packet, 0, packet.length);
        Frame ack = FrameCodec.read(reader, PacketType.ONE_RTT);
        Frame stream = FrameCodec.read(reader, PacketType.ONE_RTT);
        return ack.ackEliciting() ^ stream.ackEliciting();
    }

    /** An ACK of 10,000 ranges. */
    @Benchmark
    public int writeAckOfTenThousandRanges() {
        writer.reset(buf, 0, buf.length);
        return FrameCodec.writeAck(writer, 20, many, 0, RANGES, -1, -1, -1);
    }

    /** The same, read, and each range looked at. */
    @Benchmark
    public long readAckOfTenThousandRanges() throws TransportException {
        reader.reset(longAck, 0, longAckEnd);
        if (!(FrameCodec.read(reader, PacketType.ONE_RTT) instanceof Frame.Ack ack)) {
            throw new IllegalStateException("not an ACK");
        }
        long sum = 0;
        for (iterator.reset(ack); iterator.next(); ) {
            sum += iterator.smallest();
        }
        return sum;
    }
}
