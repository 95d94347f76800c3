package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Much data, many streams, slow readers. */
class QuicTransferTest {
    private static final int LARGE = 50 << 20;

    @ParameterizedTest
    @EnumSource(names = {"NIO_SHARED", "LINUX_ON_LOOP"})
    void echoesFiftyMegabytesUnchanged(Combination combination) throws Exception {
        try (AsyncRuntime runtime = combination.start()) {
            combination.run(runtime, () -> {
                try (QuicServer server = Echo.builder()
                                .placement(combination.placement())
                                .start();
                        QuicConnection connection = Echo.client().connect("localhost", server.port());
                        QuicStream stream = connection.openStream()) {
                    Task<byte[]> sent = runtime.spawn("sender", () -> send(stream, LARGE));
                    MessageDigest received = MessageDigest.getInstance("SHA-256");
                    byte[] buffer = new byte[64 << 10];
                    long total = 0;
                    for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
                        received.update(buffer, 0, n);
                        total += n;
                    }
                    assertEquals(LARGE, total);
                    assertArrayEquals(sent.join(Duration.ofSeconds(30)), received.digest());
                }
            });
        }
    }

    private static byte[] send(QuicStream stream, int length) throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] block = new byte[100_003]; // no multiple of anything
        for (int left = length; left > 0; ) {
            random.nextBytes(block);
            int n = Math.min(left, block.length);
            digest.update(block, 0, n);
            stream.write(block, 0, n);
            left -= n;
        }
        stream.finish();
        return digest.digest();
    }

    @Test
    void aReaderThatDoesNotReadStopsTheWriterAndBoundsMemory() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        AtomicLong read = new AtomicLong();
        QuicConfig small = QuicConfig.builder()
                .streamWindow(64 << 10)
                .maxStreamWindow(256 << 10)
                .connectionWindow(256 << 10)
                .maxConnectionWindow(1 << 20)
                .sendBuffer(256 << 10)
                .build();
        try (QuicServer server = Echo.builder()
                        .config(small)
                        .onConnection(connection -> {
                            QuicStream stream = connection.acceptStream();
                            if (stream != null) {
                                mayRead.await();
                                read.set(stream.input().transferTo(OutputStream.nullOutputStream()));
                                stream.close();
                            }
                        })
                        .start();
                QuicConnection connection = Echo.client().config(small).connect("localhost", server.port());
                QuicStream stream = connection.openStream()) {
            byte[] block = new byte[10_000];
            long written = 0;
            try {
                while (written < LARGE) {
                    stream.write(block, 0, block.length, Duration.ofMillis(500));
                    written += block.length;
                }
            } catch (StreamTimeoutException e) {
                written += e.bytesTransferred();
            }
            // The hand-over, our send buffer, the peer's window: and not more.
            assertTrue(written <= (256 << 10) + (256 << 10) + (256 << 10), "written without a reader: " + written);
            mayRead.countDown();
            stream.write(block);
            stream.finish();
            assertEquals(-1, stream.read(block, Duration.ofSeconds(30)));
            assertEquals(written + block.length, read.get());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO_ON_LOOP", "LINUX_SHARED"})
    void carriesAHundredStreamsAtOnce(Combination combination) throws Exception {
        try (AsyncRuntime runtime = combination.start()) {
            combination.run(runtime, () -> {
                try (QuicServer server = Echo.builder()
                                .placement(combination.placement())
                                .start();
                        QuicConnection connection = Echo.client().connect("localhost", server.port());
                        TaskGroup group = TaskGroup.failFast()) {
                    List<Task<Boolean>> tasks = new ArrayList<>();
                    for (int i = 0; i < 100; i++) {
                        int seed = i;
                        tasks.add(group.spawn(() -> echoed(connection, seed)));
                    }
                    group.join();
                    for (Task<Boolean> task : tasks) {
                        assertTrue(task.result());
                    }
                }
            });
        }
    }

    private static boolean echoed(QuicConnection connection, int seed) throws IOException {
        byte[] content = new byte[10_000 + seed * 100];
        new SplittableRandom(seed).nextBytes(content);
        try (QuicStream stream = connection.openStream()) {
            stream.write(content);
            stream.finish();
            assertArrayEquals(content, stream.input().readAllBytes(), "stream of seed " + seed);
            return true;
        }
    }
}
