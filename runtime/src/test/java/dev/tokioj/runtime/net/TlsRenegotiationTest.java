package dev.tokioj.runtime.net;

import static dev.tokioj.runtime.net.TlsFixture.LONG;
import static dev.tokioj.runtime.net.TlsFixture.options;
import static dev.tokioj.runtime.net.TlsFixture.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.Parked;
import dev.tokioj.runtime.Priority;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.ThrowingRunnable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS 1.2 knows renegotiation: a peer begins another handshake when it likes, among the data. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class TlsRenegotiationTest {
    private final Ways ways;
    private TlsFixture tls;

    TlsRenegotiationTest(Ways ways) {
        this.ways = ways;
    }

    @BeforeEach
    void listen() throws IOException {
        tls = new TlsFixture(ways);
    }

    @AfterEach
    void end() {
        tls.close();
    }

    /** TLS 1.2 knows renegotiation: handshake records in a row, among the data and with answers of their own. */
    @Test
    void renegotiationsInARowEndAndTheLoopGoesOn() throws Exception {
        TlsOptions old = with().protocols("TLSv1.2").build();
        Task<TlsStream> accepted = tls.accepting(old);
        try (SSLSocket client = tls.jdkClient()) {
            client.setEnabledProtocols(new String[] {"TLSv1.2"});
            client.startHandshake();
            TlsStream server = accepted.join(LONG);
            Task<Long> echo = tls.runtime.spawn(() -> server.input().transferTo(server.output()));
            for (int i = 1; i <= 20; i++) {
                client.startHandshake(); // the next one; it is done when the data after it has come back
                client.getOutputStream().write(i);
                assertEquals(i, client.getInputStream().read());
                assertEquals(
                        i,
                        server.tcp()
                                .loop()
                                .spawn(Priority.NORMAL, null, turn(i))
                                .join(LONG));
            }
            client.shutdownOutput();
            assertEquals(20, echo.join(LONG));
            server.abort();
        }
    }

    private static Callable<Integer> turn(int i) {
        return () -> i;
    }

    /** The engine opens nothing before it has answered, and the peer that asked does not read: the reader waits, and for no longer than he may. */
    @Test
    void aRenegotiationWhoseAnswerHasNoRoomKeepsNeitherLoopNorReader() throws Exception {
        TlsOptions old = with().protocols("TLSv1.2").build();
        Task<TlsStream> accepted = tls.accepting(old);
        SSLEngine engine = engine();
        try (TcpStream peer = tls.tcp()) {
            tls.runtime.spawn(() -> handshake(engine, peer)).join(LONG);
            TlsStream server = accepted.join(LONG);
            CompletableFuture<Thread> who = new CompletableFuture<>();
            // Nobody reads this.
            Task<?> writer = tls.runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                server.write(new byte[64 << 20]);
            });
            Parked.await(who);
            engine.beginHandshake();
            peer.write(sealed(engine, 0));
            for (int i = 0; i < 2; i++) {
                Task<Integer> reader = server.tcp()
                        .loop()
                        .spawn(Priority.NORMAL, "reader", () -> server.read(new byte[1], 0, 1, Duration.ofMillis(200)));
                assertEquals(
                        i,
                        server.tcp()
                                .loop()
                                .spawn(Priority.NORMAL, null, turn(i))
                                .join(LONG));
                assertThrows(SocketTimeoutException.class, () -> reader.join(LONG));
            }
            // Nor when it is closed meanwhile.
            Task<Integer> reader = tls.runtime.spawn(() -> server.read(new byte[1], 0, 1));
            server.abort();
            assertThrows(IoClosedException.class, () -> reader.join(LONG));
            assertThrows(IOException.class, () -> writer.join(LONG));
        }
    }

    /** Nor does it hold up who writes. */
    @Test
    void aRenegotiationThatNobodyFinishesLeavesTheWriterAlone() throws Exception {
        TlsOptions old = with().protocols("TLSv1.2").build();
        Task<TlsStream> accepted = tls.accepting(old);
        SSLEngine engine = engine();
        try (TcpStream peer = tls.tcp()) {
            tls.runtime.spawn(() -> handshake(engine, peer)).join(LONG);
            TlsStream server = accepted.join(LONG);
            engine.beginHandshake();
            peer.write(sealed(engine, 0));
            // The hello is taken and answered; what would follow the answer does not come.
            Duration brief = Duration.ofMillis(100);
            assertThrows(SocketTimeoutException.class, () -> server.read(new byte[1], 0, 1, brief));
            tls.runtime.spawn(() -> server.write(new byte[100], 0, 100, LONG)).join(LONG);
            server.abort();
        }
    }

    /** The JDK's engine holds its lock while a trust manager is asked. Who waits for the engine waits no longer than he may, and who looks not at all. */
    @Test
    void aTrustManagerThatTakesLongHoldsUpNobody() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Task<TlsStream> accepted = tls.accepting(slowInTheSecond(entered, go));
        try (SSLSocket client = tls.jdkClient()) {
            client.setEnabledProtocols(new String[] {"TLSv1.2"});
            client.startHandshake();
            TlsStream server = accepted.join(LONG);
            SSLSession first = server.session();
            Task<Integer> again = renegotiating(client);
            Task<Integer> reader = tls.runtime.spawn(() -> server.read(new byte[1], 0, 1, LONG));
            assertTrue(entered.await(20, TimeUnit.SECONDS));
            CompletableFuture<SSLSession> seen = new CompletableFuture<>();
            server.tcp().loop().execute(() -> seen.complete(server.session()));
            assertSame(first, seen.get(20, TimeUnit.SECONDS));
            reader.cancel();
            CancellationException e = assertThrows(CancellationException.class, () -> reader.join(LONG));
            assertInstanceOf(InterruptedIOException.class, e.getCause());
            Duration brief = Duration.ofMillis(50);
            for (ThrowingRunnable call : List.<ThrowingRunnable>of(
                    () -> server.read(new byte[1], 0, 1, brief), () -> server.write(new byte[1], 0, 1, brief))) {
                Task<?> waiting = tls.runtime.spawn(call);
                assertThrows(SocketTimeoutException.class, () -> waiting.join(LONG));
            }
            go.countDown();
            Task<Integer> rest = tls.runtime.spawn(() -> server.read(new byte[1], 0, 1, LONG));
            while (server.session() == first) {
                Thread.onSpinWait(); // until the handshake has ended
            }
            server.write(new byte[] {9});
            assertEquals(9, again.join(LONG));
            client.getOutputStream().write(7);
            assertEquals(1, rest.join(LONG));
            server.abort();
        } finally {
            go.countDown();
        }
    }

    @Test
    void aCloseInterruptsTheTrustManagerThatNobodyNeedsAnyMore() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        Task<TlsStream> accepted = tls.accepting(slowInTheSecond(entered, new CountDownLatch(1)));
        try (SSLSocket client = tls.jdkClient()) {
            client.setEnabledProtocols(new String[] {"TLSv1.2"});
            client.startHandshake();
            TlsStream server = accepted.join(LONG);
            Task<Integer> again = renegotiating(client);
            Task<Integer> reader = tls.runtime.spawn(() -> server.read(new byte[1], 0, 1));
            assertTrue(entered.await(20, TimeUnit.SECONDS));
            Task<?> writer = tls.runtime.spawn(() -> server.write(new byte[1]));
            server.abort();
            assertThrows(IOException.class, () -> reader.join(LONG));
            assertThrows(IOException.class, () -> writer.join(LONG));
            assertThrows(IOException.class, () -> again.join(LONG));
        }
    }

    /** A server whose trust manager says when it is asked in the second handshake, and waits. */
    private static TlsOptions slowInTheSecond(CountDownLatch entered, CountDownLatch go) throws Exception {
        AtomicInteger handshakes = new AtomicInteger();
        return TlsOptions.builder()
                .context(TlsFixture.keys().context(question -> {
                    if (question.equals("client trusted") && handshakes.incrementAndGet() == 2) {
                        entered.countDown();
                        await(go);
                    }
                }))
                .protocols("TLSv1.2")
                .clientAuth(true)
                .build();
    }

    private Task<Integer> renegotiating(SSLSocket client) {
        String suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        assertNotEquals(suite, client.getSession().getCipherSuite());
        // Else the second handshake would take up the session of the first, and nobody would be asked.
        client.setEnabledCipherSuites(new String[] {suite});
        return tls.runtime.spawnBlocking(() -> {
            client.startHandshake(); // begins it; the reads do the rest
            return client.getInputStream().read();
        });
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What lies there already needs no wait, but small records in a row are no reason to keep the loop from others. */
    @Test
    void smallRecordsInARowLeaveTheLoopToOthers() throws Exception {
        TlsOptions old = with().protocols("TLSv1.2").build();
        Task<TlsStream> accepted = tls.accepting(old);
        SSLEngine engine = engine();
        int records = 20_000;
        try (TcpStream peer = tls.tcp()) {
            tls.runtime.spawn(() -> handshake(engine, peer)).join(LONG);
            TlsStream server = accepted.join(LONG);
            Task<?> sender = tls.runtime.spawn(() -> {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (int i = 0; i < records; i++) {
                    all.writeBytes(sealed(engine, 1));
                }
                peer.write(all.toByteArray());
            });
            sender.join(LONG);
            AtomicInteger turns = new AtomicInteger();
            CountDownLatch counting = new CountDownLatch(1);
            Task<?> reader = server.tcp().loop().spawn(Priority.NORMAL, "reader", () -> {
                counting.await();
                for (int i = 0; i < records; i++) {
                    assertEquals(1, server.read(new byte[1], 0, 1, LONG));
                }
                return turns;
            });
            // A callback and no task that yields: with one processor the JDK's scheduler runs nothing else beside such
            // a task.
            server.tcp().loop().execute(new Runnable() {
                @Override
                public void run() {
                    turns.incrementAndGet();
                    counting.countDown();
                    if (!reader.isDone()) {
                        server.tcp().loop().execute(this);
                    }
                }
            });
            reader.join(LONG);
            assertTrue(turns.get() > records / 20, "turns: " + turns);
            server.abort();
        }
    }

    private static SSLEngine engine() {
        SSLEngine engine = options().contextOrDefault().createSSLEngine("localhost", 1);
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(new String[] {"TLSv1.2"});
        return engine;
    }

    /** One record: the engine's own, or with so many bytes. */
    private static byte[] sealed(SSLEngine engine, int bytes) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(bytes), record);
        return Arrays.copyOf(record.array(), record.position());
    }

    private static void handshake(SSLEngine engine, TcpStream peer) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(1 << 16).limit(0);
        ByteBuffer plain = ByteBuffer.allocate(1 << 16);
        engine.beginHandshake();
        while (engine.getHandshakeStatus() != SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> peer.write(sealed(engine, 0));
                case NEED_TASK ->
                    java.util.Objects.requireNonNull(engine.getDelegatedTask()).run();
                default -> {
                    if (engine.unwrap(in, plain).getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                        in.compact();
                        int n = peer.read(in.array(), in.position(), in.remaining(), LONG);
                        assertTrue(n > 0);
                        in.position(in.position() + n).flip();
                    }
                }
            }
        }
    }
}
