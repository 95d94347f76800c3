package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.Parked;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams for tasks. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class UdpPortTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Ways ways;
    private final RecvBatch batch = new RecvBatch(4);
    private AsyncRuntime runtime;
    private UdpPort near;
    private UdpPort far;

    UdpPortTest(Ways ways) {
        this.ways = ways;
    }

    @BeforeEach
    void open() throws IOException {
        runtime = ways.start();
        near = UdpPort.open(runtime, TestHost.options("127.0.0.1").build());
        far = UdpPort.open(runtime, TestHost.options("127.0.0.1").build());
    }

    @AfterEach
    void end() {
        near.close();
        far.close();
        runtime.close();
    }

    @Test
    void pingPongOnTheirLoops() throws Exception {
        int rounds = 500;
        Task<Integer> echo = far.loop().spawn(SpawnOptions.DEFAULT, () -> {
            RecvBatch in = new RecvBatch(4);
            int seen = 0;
            while (seen < rounds) {
                int n = far.receive(in, LONG);
                for (int i = 0; i < n; i++) {
                    far.send(in.buffer(), in.offset(i), in.length(i), in.segmentSize(i), in.remote(i));
                    seen++;
                }
            }
            return seen;
        });
        Task<Integer> ping = near.loop().spawn(SpawnOptions.DEFAULT, () -> {
            byte[] message = new byte[64];
            int sum = 0;
            for (int i = 0; i < rounds; i++) {
                message[0] = (byte) i;
                near.send(message, 0, 64, 64, far.localAddress());
                assertEquals(1, near.receive(batch, LONG));
                assertEquals((byte) i, batch.buffer()[batch.offset(0)]);
                sum += batch.length(0);
            }
            return sum;
        });
        assertEquals(rounds * 64, ping.join(LONG));
        assertEquals(rounds, echo.join(LONG));
    }

    @Test
    void fromAnyThread() throws Exception {
        near.send(new byte[30], 0, 30, 10, far.localAddress());
        int bytes = 0;
        while (bytes < 30) {
            int n = far.receive(batch, LONG);
            for (int i = 0; i < n; i++) {
                assertEquals(near.localAddress(), batch.remote(i));
                bytes += batch.length(i);
            }
        }
    }

    @Test
    void deadlinesAndInterruptsLeaveItUsable() throws Exception {
        assertThrows(SocketTimeoutException.class, () -> far.receive(batch, Duration.ofMillis(10)));
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<Boolean> task = runtime.spawn(() -> {
            who.complete(Thread.currentThread());
            assertThrows(InterruptedIOException.class, () -> far.receive(batch));
            return Thread.interrupted();
        });
        Parked.await(who).interrupt();
        assertTrue(task.join(LONG));
        near.send(new byte[1], 0, 1, 1, far.localAddress());
        assertEquals(1, far.receive(batch, LONG));
    }

    @Test
    void closeAndTheEndOfTheRuntimeWakeWhoWaits() throws Exception {
        CompletableFuture<Thread> who = new CompletableFuture<>();
        Task<?> task = runtime.spawn(() -> {
            who.complete(Thread.currentThread());
            near.receive(batch);
        });
        Parked.await(who);
        near.close();
        assertThrows(IoClosedException.class, () -> task.join(LONG));
        assertThrows(IoClosedException.class, () -> near.receive(batch));
        CompletableFuture<Thread> other = new CompletableFuture<>();
        CompletableFuture<IOException> seen = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            other.complete(Thread.currentThread());
            try {
                far.receive(new RecvBatch(1));
            } catch (IOException e) {
                seen.complete(e);
            }
        });
        Parked.await(other);
        runtime.close();
        assertInstanceOf(IoClosedException.class, seen.get(20, TimeUnit.SECONDS));
    }

    @Test
    void aFloodOfDatagramsLeavesTheLoopToOthers() throws Exception {
        assumeTrue(ways.placement() == Placement.LOOP);
        int calls = 20;
        for (int i = 0; i < calls * 4; i++) {
            far.send(new byte[1], 0, 1, 1, near.localAddress());
        }
        Task<Boolean> receiver = near.loop().spawn(SpawnOptions.DEFAULT, () -> {
            AtomicBoolean other = new AtomicBoolean();
            near.loop().spawn(SpawnOptions.DEFAULT, () -> other.getAndSet(true));
            for (int i = 0; i < calls; i++) {
                assertEquals(4, near.receive(batch, LONG));
            }
            return other.get();
        });
        assertTrue(receiver.join(LONG));
    }
}
