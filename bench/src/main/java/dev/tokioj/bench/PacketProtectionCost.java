package dev.tokioj.bench;

import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketNumber;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.CipherSuite;
import java.lang.reflect.Method;
import java.util.function.IntUnaryOperator;

/**
 * What one packet of 1200 bytes costs in time and garbage on one thread: sealing, opening, refusing a forged one, and reading
 * its header and frames. Run {@code main}; each line is the best of ten rounds.
 */
public final class PacketProtectionCost {
    private static final System.Logger LOG = System.getLogger(PacketProtectionCost.class.getName());
    private static final int ROUNDS = 10;
    private static final int PACKETS = 100_000;
    private static final int SIZE = 1200;
    private static final int CID = 8;
    private static final int PN = 2;
    private static final int HEADER = 1 + CID + PN;
    private static final int PAYLOAD = SIZE - HEADER - PacketKeys.TAG_LENGTH;
    /** Sealed packets to open in turn. */
    private static final int SAMPLES = 64;

    private final ConnectionId dcid = ConnectionId.of(new byte[CID]);
    private final byte[] buf = new byte[SIZE];
    private final byte[][] sealed = new byte[SAMPLES][];
    private final ByteWriter writer = new ByteWriter();
    private final ByteReader reader = new ByteReader();
    private final PacketHeader header = new PacketHeader();
    private final PacketKeys sealing;
    private final PacketKeys opening;
    private final long[] ranges = {0, 5, 7, 100};
    private long nextPn;

    private PacketProtectionCost(CipherSuite suite) {
        byte[] secret = new byte[suite.hash().length()];
        sealing = PacketKeys.of(suite, secret, Version.V1);
        opening = PacketKeys.of(suite, secret, Version.V1);
        for (int i = 0; i < SAMPLES; i++) {
            seal();
            sealed[i] = buf.clone();
        }
    }

    /** Measures all cipher suites. */
    public static void main(String[] args) throws ReflectiveOperationException {
        for (CipherSuite suite : CipherSuite.values()) {
            PacketProtectionCost cost = new PacketProtectionCost(suite);
            measure(suite + " write header and seal", _ -> cost.seal());
            measure(suite + " copy in, parse, open", cost::open);
            measure(suite + " copy in, parse, refuse a forged packet", cost::openForged);
        }
        PacketProtectionCost cost = new PacketProtectionCost(CipherSuite.TLS_AES_128_GCM_SHA256);
        cost.open(0);
        measure("parse a short header", _ -> cost.parse());
        measure("read one STREAM and one ACK frame", _ -> cost.readFrames());
    }

    private static void measure(String what, IntUnaryOperator packet) throws ReflectiveOperationException {
        long bestNanos = Long.MAX_VALUE;
        long leastBytes = Long.MAX_VALUE;
        long sum = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long bytes = allocated();
            long start = System.nanoTime();
            for (int i = 0; i < PACKETS; i++) {
                sum += packet.applyAsInt(i);
            }
            bestNanos = Math.min(bestNanos, System.nanoTime() - start);
            leastBytes = Math.min(leastBytes, allocated() - bytes);
        }
        LOG.log(
                System.Logger.Level.INFO,
                "%-75s %6d ns %6d bytes of garbage (%d)"
                        .formatted(what, bestNanos / PACKETS, leastBytes / PACKETS, sum));
    }

    /** The bytes this thread has allocated, by reflection: the module reads java.management nowhere else. */
    private static long allocated() throws ReflectiveOperationException {
        Object bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method count = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (Long) count.invoke(bean);
    }

    private int seal() {
        long pn = nextPn++;
        writer.reset(buf, 0, SIZE);
        PacketHeader.writeShort(writer, dcid, false, false, pn, PN);
        FrameCodec.writeAck(writer, 20, ranges, 0, 2, -1, -1, -1);
        FrameCodec.writeStreamHeader(writer, 4, pn * 1000, 0, false, true);
        return sealing.seal(buf, 0, HEADER, PAYLOAD, pn);
    }

    private int parse() {
        header.parse(buf, 0, SIZE, CID);
        return header.pnOffset();
    }

    private int open(int i) {
        System.arraycopy(sealed[i % SAMPLES], 0, buf, 0, SIZE);
        parse();
        int pnLength = opening.unprotectHeader(buf, 0, header.pnOffset());
        long truncated = PacketNumber.truncated(buf, header.pnOffset(), pnLength);
        long pn = PacketNumber.decode(SAMPLES, truncated, 8 * pnLength);
        int headerLen = header.pnOffset() + pnLength;
        int length = opening.open(buf, 0, headerLen, SIZE - headerLen, pn);
        if (length != PAYLOAD) {
            throw new IllegalStateException("packet " + i + " does not open");
        }
        return length;
    }

    private int openForged(int i) {
        System.arraycopy(sealed[i % SAMPLES], 0, buf, 0, SIZE);
        buf[SIZE / 2] ^= 1;
        parse();
        int pnLength = opening.unprotectHeader(buf, 0, header.pnOffset());
        int headerLen = header.pnOffset() + pnLength;
        return opening.open(buf, 0, headerLen, SIZE - headerLen, i);
    }

    private int readFrames() {
        try {
            reader.reset(buf, HEADER, HEADER + PAYLOAD);
            Frame ack = FrameCodec.read(reader, PacketType.ONE_RTT);
            Frame stream = FrameCodec.read(reader, PacketType.ONE_RTT);
            return (ack.ackEliciting() ? 1 : 0) + (stream.ackEliciting() ? 1 : 0);
        } catch (TransportException e) {
            throw new IllegalStateException(e);
        }
    }
}
