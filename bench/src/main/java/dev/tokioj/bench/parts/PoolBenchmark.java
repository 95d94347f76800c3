package dev.tokioj.bench.parts;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.ChunkPool;
import dev.tokioj.runtime.pool.BufferPool;
import dev.tokioj.runtime.pool.BufferPoolConfig;
import dev.tokioj.runtime.pool.ConnectionPool;
import dev.tokioj.runtime.pool.Connector;
import dev.tokioj.runtime.pool.PoolConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Taking and giving back: a connection that is idle, and an array of 16 KiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PoolBenchmark {
    /** Connections to nowhere. */
    private static final class Nowhere implements Connector<String, Object> {
        @Override
        public Object connect(String key) {
            return new Object();
        }

        @Override
        public boolean isHealthy(Object connection) {
            return true;
        }

        @Override
        public void close(Object connection) {}
    }

    private final AsyncRuntime runtime = start();
    private final ConnectionPool<String, Object> connections =
            ConnectionPool.open(runtime, new Nowhere(), PoolConfig.builder().build());
    private final ChunkPool chunks = new ChunkPool(ChunkPool.DEFAULT_CHUNK, 64);
    private final BufferPool buffers =
            BufferPool.shared(BufferPoolConfig.builder().build());

    private static AsyncRuntime start() {
        try {
            return AsyncRuntime.start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the pool and its runtime. */
    @TearDown
    public void close() {
        connections.close();
        runtime.close();
    }

    /** An idle connection. */
    @Benchmark
    public Object connection() throws IOException {
        try (var lease = connections.borrow("a", Duration.ofSeconds(1))) {
            return lease.connection();
        }
    }

    /** An array of the pool of one size. */
    @Benchmark
    public int chunk() {
        byte[] array = chunks.take();
        int length = array.length;
        chunks.give(array);
        return length;
    }

    /** An array of the pool of several sizes. */
    @Benchmark
    public int buffer() {
        byte[] array = buffers.take(ChunkPool.DEFAULT_CHUNK);
        int length = array.length;
        buffers.give(array);
        return length;
    }
}
