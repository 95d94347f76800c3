package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.Priority;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TokioJ;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS against itself and against openssl, on every kind of loop and placement. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class TlsStreamTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final TlsMaterial MATERIAL = new TlsMaterial();

    private static final class TlsMaterial {
        @org.jspecify.annotations.Nullable TlsOptions options;

        @org.jspecify.annotations.Nullable Path pem;
    }

    private final Ways ways;
    private AsyncRuntime runtime;
    private TcpListener listener;

    TlsStreamTest(Ways ways) {
        this.ways = ways;
    }

    @BeforeAll
    static void keys(@TempDir Path dir) throws Exception {
        if (MATERIAL.options == null) {
            Path kept = java.nio.file.Files.createTempDirectory("tokioj-tls");
            kept.toFile().deleteOnExit();
            TlsKeys keys = TlsKeys.make(dir);
            MATERIAL.options = TlsOptions.builder()
                    .context(keys.context())
                    .alpn("two", "one")
                    .build();
            MATERIAL.pem = keys.pem(kept);
            MATERIAL.pem.toFile().deleteOnExit();
        }
    }

    private static TlsOptions options() {
        return java.util.Objects.requireNonNull(MATERIAL.options);
    }

    private static TlsOptions.Builder with() {
        return TlsOptions.builder().context(options().contextOrDefault());
    }

    @BeforeEach
    void listen() throws IOException {
        runtime = ways.start();
        listener = TcpListener.bind(runtime, TcpStreamTest.loopback(0), TcpOptions.DEFAULT);
    }

    @AfterEach
    void end() {
        listener.close();
        runtime.close();
    }

    private Task<TlsStream> accepting(TlsOptions options) {
        return runtime.spawn(() -> TlsStream.server(listener.accept(LONG), options));
    }

    private TcpStream tcp() throws IOException {
        return TcpStream.connect(runtime, listener.localAddress(), TcpOptions.DEFAULT, LONG);
    }

    private Task<TlsStream> connecting(String host, TlsOptions options) {
        return runtime.spawn(() -> TlsStream.client(tcp(), host, options));
    }

    @Test
    void echoWithAlpnAndBothEnds() throws Exception {
        for (String version : new String[] {"TLSv1.3", "TLSv1.2"}) {
            Task<TlsStream> accepted = accepting(options());
            TlsOptions mine = with().alpn("one").protocols(version).build();
            try (TlsStream client = connecting("localhost", mine).join(LONG);
                    TlsStream server = accepted.join(LONG)) {
                assertEquals("one", client.applicationProtocol());
                assertEquals("one", server.applicationProtocol());
                assertEquals(version, client.session().getProtocol());
                byte[] much = UdpSocketTest.pattern(1_000_000, 3);
                Task<Long> echo = runtime.spawn(() -> server.input().transferTo(server.output()));
                Task<Void> writer = runtime.spawn(() -> {
                    client.write(much);
                    return null;
                });
                byte[] back = new byte[much.length];
                Task<Void> reader = runtime.spawn(() -> {
                    int at = 0;
                    while (at < back.length) {
                        at += client.read(back, at, back.length - at, LONG);
                    }
                    return null;
                });
                writer.join(LONG);
                reader.join(LONG);
                assertTrue(Arrays.equals(much, back));
                runtime.spawn(client::shutdownOutput).join(LONG);
                assertEquals(much.length, echo.join(LONG));
                runtime.spawn(server::close).join(LONG);
                assertEquals(
                        -1, runtime.spawn(() -> client.read(new byte[1], 0, 1)).join(LONG));
            }
        }
    }

    @Test
    void halfCloseOfTls13() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        try (TlsStream client = connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            assertEquals("two", client.applicationProtocol());
            client.write(new byte[] {1, 2});
            client.shutdownOutput();
            assertArrayEquals(new byte[] {1, 2}, server.input().readAllBytes());
            server.write(new byte[] {3, 4, 5});
            server.shutdownOutput();
            assertArrayEquals(new byte[] {3, 4, 5}, client.input().readAllBytes());
        }
    }

    @Test
    void aHostOfAnotherNameIsRefused() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        SSLException e = assertThrows(
                SSLException.class, () -> connecting("example.org", options()).join(LONG));
        assertTrue(String.valueOf(e.getMessage()).contains("example.org"), e.toString());
        assertThrows(IOException.class, () -> {
            try (TlsStream server = accepted.join(LONG)) {
                server.read(new byte[1], 0, 1, LONG);
            }
        });
        Task<TlsStream> again = accepting(options());
        try (TlsStream client = connecting(
                                "example.org", with().verifyHostname(false).build())
                        .join(LONG);
                TlsStream server = again.join(LONG)) {
            client.write(new byte[1]);
            assertEquals(1, server.read(new byte[1], 0, 1, LONG));
        }
    }

    @Test
    void anUntrustedCertificateIsRefused() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        assertThrows(
                SSLException.class,
                () -> connecting("localhost", TlsOptions.DEFAULT).join(LONG));
        assertThrows(IOException.class, () -> {
            try (TlsStream server = accepted.join(LONG)) {
                server.read(new byte[1], 0, 1, LONG);
            }
        });
    }

    @Test
    void aCutConnectionIsNoEnd() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        try (TlsStream client = connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            server.write(new byte[] {9});
            server.tcp().shutdownOutput();
            assertEquals(1, client.read(new byte[8], 0, 8, LONG));
            SSLException e = assertThrows(SSLException.class, () -> client.read(new byte[8], 0, 8, LONG));
            assertTrue(String.valueOf(e.getMessage()).contains("close_notify"), e.toString());
            assertThrows(SSLException.class, () -> client.read(new byte[8], 0, 8, LONG));
        }
    }

    @Test
    void deadlinesAndInterruptsLeaveItUsable() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        try (TlsStream client = connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            Duration brief = Duration.ofMillis(20);
            assertThrows(SocketTimeoutException.class, () -> client.read(new byte[1], 0, 1, brief));
            byte[] much = UdpSocketTest.pattern(64 << 20, 5);
            int took = runtime.spawn(() -> assertThrows(
                                    SocketTimeoutException.class,
                                    () -> client.write(much, 0, much.length, Duration.ofMillis(200)))
                            .bytesTransferred)
                    .join(LONG);
            assertTrue(took > 0 && took < much.length, "took " + took);
            int total = took + 100_000;
            Task<Void> writer = runtime.spawn(() -> {
                client.write(much, took, 100_000);
                return null;
            });
            byte[] got = new byte[total];
            int at = 0;
            while (at < total) {
                at += server.read(got, at, total - at, LONG);
            }
            writer.join(LONG);
            assertEquals(-1, Arrays.mismatch(got, Arrays.copyOf(much, total)));
        }
    }

    @Test
    void aSilentPeerEndsTheHandshakeInTime() throws Exception {
        Task<TcpStream> silent = runtime.spawn(() -> listener.accept(LONG));
        TlsOptions hasty = with().handshakeTimeout(Duration.ofMillis(50)).build();
        SocketTimeoutException e = assertThrows(
                SocketTimeoutException.class,
                () -> connecting("localhost", hasty).join(LONG));
        assertTrue(String.valueOf(e.getMessage()).contains("handshake"), e.toString());
        silent.join(LONG).close();
    }

    @Test
    void whatFailsBeforeTheHandshakeClosesTheConnection() throws Exception {
        Task<TcpStream> accepted = runtime.spawn(() -> listener.accept(LONG));
        TcpStream near = tcp();
        TcpStream far = accepted.join(LONG);
        TlsOptions wrong = with().protocols("no such version").build();
        assertThrows(IllegalArgumentException.class, () -> TlsStream.client(near, "localhost", wrong));
        assertThrows(IoClosedException.class, () -> near.read(new byte[1], 0, 1, LONG));
        assertThrows(IllegalArgumentException.class, () -> TlsStream.server(far, wrong));
        assertThrows(IoClosedException.class, () -> far.read(new byte[1], 0, 1, LONG));
    }

    @Test
    void aBadRecordIsAnErrorOfTlsWhileSomebodyWrites() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        try (TlsStream client = connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            CompletableFuture<Thread> who = new CompletableFuture<>();
            Task<Void> writer = runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                server.write(new byte[64 << 20]);
                return null;
            });
            Thread thread = who.get(20, TimeUnit.SECONDS);
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            // Application data of 32 bytes that no key has sealed.
            byte[] forged = new byte[5 + 32];
            System.arraycopy(new byte[] {23, 3, 3, 0, 32}, 0, forged, 0, 5);
            client.tcp().write(forged);
            Task<Integer> reader = runtime.spawn(() -> server.read(new byte[1], 0, 1, LONG));
            assertThrows(SSLException.class, () -> reader.join(LONG));
            server.abort();
            assertThrows(IOException.class, () -> writer.join(LONG));
            client.abort();
        }
    }

    @Test
    void aPeerThatAsksForKeyUpdatesMustReadTheAnswers() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        try (SSLSocket client = (SSLSocket) options()
                .contextOrDefault()
                .getSocketFactory()
                .createSocket(
                        InetAddress.getLoopbackAddress(),
                        listener.localAddress().getPort())) {
            client.startHandshake();
            assertEquals("TLSv1.3", client.getSession().getProtocol());
            TlsStream server = accepted.join(LONG);
            // Nobody reads this: it fills all buffers on the way, and from then on no answer goes out.
            Task<?> writer = runtime.spawn(() -> server.write(new byte[64 << 20]));
            Task<Integer> reader = runtime.spawn(() -> server.read(new byte[1], 0, 1, LONG));
            while (!reader.isDone()) {
                // After the handshake each is a key update that asks for one.
                client.startHandshake();
            }
            SSLException e = assertThrows(SSLException.class, () -> reader.join(LONG));
            assertTrue(String.valueOf(e.getMessage()).contains("key updates"), e.toString());
            server.abort();
            assertThrows(IOException.class, () -> writer.join(LONG));
        }
    }

    /** A lock of its, held by a task that is off the loop, would hold up the loop for ever. */
    @Test
    void callbacksOfALoopAreKeptOut() throws Exception {
        Task<TlsStream> accepted = accepting(options());
        try (TlsStream client = connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            server.write(new byte[1]);
            CompletableFuture<List<Class<?>>> met = new CompletableFuture<>();
            client.tcp().loop().execute(() -> {
                List<Class<?>> classes = new ArrayList<>();
                for (Executable call : List.<Executable>of(
                        () -> client.read(new byte[1], 0, 1),
                        () -> client.write(new byte[1]),
                        client::shutdownOutput)) {
                    try {
                        call.execute();
                    } catch (Throwable e) {
                        classes.add(e.getClass());
                    }
                }
                met.complete(classes);
            });
            Class<?> refused = IllegalStateException.class;
            assertEquals(List.of(refused, refused, refused), met.get(20, TimeUnit.SECONDS));
            // And nothing has come of it.
            assertEquals(1, client.read(new byte[1], 0, 1, LONG));
            client.write(new byte[1]);
            assertEquals(1, server.read(new byte[1], 0, 1, LONG));
        }
    }

    /** TLS 1.2 knows renegotiation: handshake records in a row, among the data and with answers of their own. */
    @Test
    void renegotiationsInARowEndAndTheLoopGoesOn() throws Exception {
        TlsOptions old = with().protocols("TLSv1.2").build();
        Task<TlsStream> accepted = accepting(old);
        try (SSLSocket client = (SSLSocket) options()
                .contextOrDefault()
                .getSocketFactory()
                .createSocket(
                        InetAddress.getLoopbackAddress(),
                        listener.localAddress().getPort())) {
            client.setEnabledProtocols(new String[] {"TLSv1.2"});
            client.setSoTimeout(20_000);
            client.startHandshake();
            TlsStream server = accepted.join(LONG);
            Task<Long> echo = runtime.spawn(() -> server.input().transferTo(server.output()));
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
        Task<TlsStream> accepted = accepting(old);
        SSLEngine engine = engine();
        try (TcpStream peer = tcp()) {
            runtime.spawn(() -> handshake(engine, peer)).join(LONG);
            TlsStream server = accepted.join(LONG);
            CompletableFuture<Thread> who = new CompletableFuture<>();
            // Nobody reads this.
            Task<?> writer = runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                server.write(new byte[64 << 20]);
            });
            Thread thread = who.get(20, TimeUnit.SECONDS);
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
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
            Task<Integer> reader = runtime.spawn(() -> server.read(new byte[1], 0, 1));
            server.abort();
            assertThrows(IoClosedException.class, () -> reader.join(LONG));
            assertThrows(IOException.class, () -> writer.join(LONG));
        }
    }

    /** Nor does it hold up who writes. */
    @Test
    void aRenegotiationThatNobodyFinishesLeavesTheWriterAlone() throws Exception {
        TlsOptions old = with().protocols("TLSv1.2").build();
        Task<TlsStream> accepted = accepting(old);
        SSLEngine engine = engine();
        try (TcpStream peer = tcp()) {
            runtime.spawn(() -> handshake(engine, peer)).join(LONG);
            TlsStream server = accepted.join(LONG);
            engine.beginHandshake();
            peer.write(sealed(engine, 0));
            // The hello is taken and answered; what would follow the answer does not come.
            Duration brief = Duration.ofMillis(100);
            assertThrows(SocketTimeoutException.class, () -> server.read(new byte[1], 0, 1, brief));
            runtime.spawn(() -> server.write(new byte[100], 0, 100, LONG)).join(LONG);
            server.abort();
        }
    }

    /** What lies there already needs no wait, but small records in a row are no reason to keep the loop from others. */
    @Test
    void smallRecordsInARowLeaveTheLoopToOthers() throws Exception {
        TlsOptions old = with().protocols("TLSv1.2").build();
        Task<TlsStream> accepted = accepting(old);
        SSLEngine engine = engine();
        int records = 20_000;
        try (TcpStream peer = tcp()) {
            runtime.spawn(() -> handshake(engine, peer)).join(LONG);
            TlsStream server = accepted.join(LONG);
            Task<?> sender = runtime.spawn(() -> {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (int i = 0; i < records; i++) {
                    all.writeBytes(sealed(engine, 1));
                }
                peer.write(all.toByteArray());
            });
            sender.join(LONG);
            AtomicInteger turns = new AtomicInteger();
            Task<?> reader = server.tcp().loop().spawn(Priority.NORMAL, "reader", () -> {
                for (int i = 0; i < records; i++) {
                    assertEquals(1, server.read(new byte[1], 0, 1, LONG));
                }
                return turns;
            });
            Task<?> other = server.tcp().loop().spawn(Priority.NORMAL, "other", () -> {
                while (!reader.isDone()) {
                    turns.incrementAndGet();
                    TokioJ.yieldNow();
                }
                return turns;
            });
            reader.join(LONG);
            other.join(LONG);
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

    @Test
    void aServerMayDemandACertificate() throws Exception {
        Task<TlsStream> accepted = accepting(with().clientAuth(true).build());
        try (TlsStream client = connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            client.write(new byte[1]);
            assertEquals(1, server.read(new byte[1], 0, 1, LONG));
            assertEquals(1, server.session().getPeerCertificates().length);
        }
    }

    // ---- the other implementation

    private static void assumeOpenssl() {
        boolean found;
        try {
            TlsKeys.run(java.util.List.of("openssl", "version"));
            found = true;
        } catch (IOException | InterruptedException e) {
            found = false;
        }
        assumeTrue(found, "SKIPPED: there is no openssl here");
    }

    private static Process openssl(String... arguments) throws IOException {
        java.util.List<String> command = new java.util.ArrayList<>(java.util.List.of("openssl"));
        command.addAll(java.util.List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Test
    void opensslAsTheClient() throws Exception {
        assumeOpenssl();
        Task<TlsStream> accepted = accepting(options());
        Process client = openssl(
                "s_client",
                "-quiet",
                "-connect",
                "localhost:" + listener.localAddress().getPort(),
                "-alpn",
                "one");
        try (TlsStream server = accepted.join(LONG)) {
            assertEquals("one", server.applicationProtocol());
            server.write("from tokioj\n".getBytes(StandardCharsets.UTF_8));
            OutputStream stdin = client.getOutputStream();
            stdin.write("from openssl\n".getBytes(StandardCharsets.UTF_8));
            stdin.flush();
            byte[] got = new byte[13];
            int at = 0;
            while (at < got.length) {
                at += server.read(got, at, got.length - at, LONG);
            }
            assertEquals("from openssl\n", new String(got, StandardCharsets.UTF_8));
            awaitLine(client, "from tokioj");
        } finally {
            client.destroyForcibly();
        }
    }

    @Test
    void opensslAsTheServer() throws Exception {
        assumeOpenssl();
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        String pem = String.valueOf(MATERIAL.pem);
        Process server =
                openssl("s_server", "-accept", "127.0.0.1:" + port, "-key", pem, "-cert", pem, "-alpn", "one", "-rev");
        try {
            awaitLine(server, "ACCEPT");
            Task<String> talk = runtime.spawn(() -> {
                TcpStream tcp = TcpStream.connect(TcpStreamTest.loopback(port), LONG);
                try (TlsStream client = TlsStream.client(tcp, "localhost", options())) {
                    assertEquals("one", client.applicationProtocol());
                    client.write("tokioj\n".getBytes(StandardCharsets.UTF_8));
                    byte[] got = new byte[7];
                    int at = 0;
                    while (at < got.length) {
                        at += client.read(got, at, got.length - at, LONG);
                    }
                    return new String(got, StandardCharsets.UTF_8);
                }
            });
            assertEquals("joikot\n", talk.join(LONG));
        } finally {
            server.destroyForcibly();
            server.waitFor(20, TimeUnit.SECONDS);
        }
    }

    private static void awaitLine(Process process, String wanted) throws IOException {
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        String line;
        do {
            line = said.readLine();
            assertTrue(line != null, "it ended without saying " + wanted);
        } while (!line.contains(wanted));
    }
}
