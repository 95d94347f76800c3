package dev.tokioj.bench.parts;

import dev.tokioj.http3.qpack.Decoder;
import dev.tokioj.http3.qpack.Encoder;
import dev.tokioj.http3.qpack.QpackException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The field section of a browser's request, encoded and decoded (RFC 9204). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class QpackBenchmark {
    private static final String[][] REQUEST = {
        {":method", "GET"},
        {":scheme", "https"},
        {":authority", "www.example.org"},
        {":path", "/images/2026/november/harbour.png"},
        {"accept", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"},
        {"accept-encoding", "gzip, deflate, br"},
        {"accept-language", "en-GB,en;q=0.9"},
        {"referer", "https://www.example.org/november"},
        {"sec-fetch-dest", "image"},
        {"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0"},
    };
    private static final long MAX_SIZE = 64 << 10;

    private final Encoder encoder = new Encoder();
    private final Decoder decoder = new Decoder();
    private byte[] section = {};

    /** Encodes what is decoded. */
    @Setup
    public void setUp() {
        encode();
        section = Arrays.copyOf(encoder.array(), encoder.length());
    }

    /** Ten lines. */
    @Benchmark
    public int encode() {
        encoder.begin();
        for (String[] line : REQUEST) {
            encoder.line(line[0], line[1], false);
        }
        return encoder.length();
    }

    /** The same; its strings are what is allocated. */
    @Benchmark
    public int decode() throws QpackException {
        decoder.begin(section, 0, section.length, MAX_SIZE);
        int characters = 0;
        while (decoder.next()) {
            characters += decoder.name().length() + decoder.value().length();
        }
        return characters;
    }
}
