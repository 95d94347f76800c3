package dev.tokioj.bench.parts;

import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketNumber;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.CipherSuite;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One packet of 1452 bytes: sealing with its header's mask, opening, refusing a forged one (RFC 9001 section 5). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PacketProtectionBenchmark {
    private static final int SIZE = 1452;
    private static final int CID = 8;
    private static final int PN = 2;
    private static final int HEADER = 1 + CID + PN;
    private static final int PAYLOAD = SIZE - HEADER - PacketKeys.TAG_LENGTH;
    /** Sealed packets to open in turn. */
    private static final int SAMPLES = 64;

    /** All that QUIC has. */
    @Param({"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
    public CipherSuite suite = CipherSuite.TLS_AES_128_GCM_SHA256;

    private final ConnectionId dcid = ConnectionId.of(new byte[CID]);
    private final byte[] buf = new byte[SIZE];
    private final byte[][] sealed = new byte[SAMPLES][];
    private final ByteWriter writer = new ByteWriter();
    private PacketKeys sealing = keys(suite);
    private PacketKeys opening = keys(suite);
    private long pn;
    private int sample;

    private static PacketKeys keys(CipherSuite suite) {
        return PacketKeys.of(suite, new byte[suite.hash().length()], Version.V1);
    }

    /** Makes the keys, and packets to open. */
    @Setup
    public void setUp() {
        sealing = keys(suite);
        opening = keys(suite);
        pn = 0;
        for (int i = 0; i < SAMPLES; i++) {
            seal();
            sealed[i] = buf.clone();
        }
    }

    /** Writes the header, seals, masks. */
    @Benchmark
    public int seal() {
        writer.reset(buf, 0, SIZE);
        PacketHeader.writeShort(writer, dcid, false, false, pn, PN);
        return sealing.seal(buf, 0, HEADER, PAYLOAD, pn++);
    }

    /** Copies a packet in, unmasks, opens. */
    @Benchmark
    public int open() {
        int number = next();
        int length = unprotectAndOpen(number);
        if (length != PAYLOAD) {
            throw new IllegalStateException("packet " + number + " does not open");
        }
        return length;
    }

    /** As {@link #open}, for a packet that is forged. */
    @Benchmark
    public int refuse() {
        int number = next();
        buf[SIZE / 2] ^= 1;
        int length = unprotectAndOpen(number);
        if (length >= 0) {
            throw new IllegalStateException("a forged packet opens");
        }
        return length;
    }

    /** The header's mask alone. */
    @Benchmark
    public int unmask() {
        next();
        return opening.unprotectHeader(buf, 0, 1 + CID);
    }

    private int next() {
        sample = (sample + 1) % SAMPLES;
        System.arraycopy(sealed[sample], 0, buf, 0, SIZE);
        return sample;
    }

    private int unprotectAndOpen(int number) {
        int pnLength = opening.unprotectHeader(buf, 0, 1 + CID);
        long full = PacketNumber.decode(number, PacketNumber.truncated(buf, 1 + CID, pnLength), 8 * pnLength);
        int headerLength = 1 + CID + pnLength;
        return opening.open(buf, 0, headerLength, SIZE - headerLength, full);
    }
}
