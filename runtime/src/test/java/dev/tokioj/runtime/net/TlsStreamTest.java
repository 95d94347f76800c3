package dev.tokioj.runtime.net;

import static dev.tokioj.runtime.net.TlsFixture.LONG;
import static dev.tokioj.runtime.net.TlsFixture.options;
import static dev.tokioj.runtime.net.TlsFixture.with;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.Parked;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** TLS against itself, on every kind of loop and placement: what a connection does once it is secured. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(120)
class TlsStreamTest {
    private final Ways ways;
    private TlsFixture tls;

    TlsStreamTest(Ways ways) {
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

    @Test
    void echoWithAlpnAndBothEnds() throws Exception {
        for (String version : new String[] {"TLSv1.3", "TLSv1.2"}) {
            Task<TlsStream> accepted = tls.accepting(options());
            TlsOptions mine = with().alpn("one").protocols(version).build();
            try (TlsStream client = tls.connecting("localhost", mine).join(LONG);
                    TlsStream server = accepted.join(LONG)) {
                assertEquals("one", client.applicationProtocol());
                assertEquals("one", server.applicationProtocol());
                assertEquals(version, client.session().getProtocol());
                byte[] much = UdpSocketTest.pattern(1_000_000, 3);
                Task<Long> echo = tls.runtime.spawn(() -> server.input().transferTo(server.output()));
                Task<Void> writer = tls.runtime.spawn(() -> {
                    client.write(much);
                    return null;
                });
                byte[] back = new byte[much.length];
                Task<Void> reader = tls.runtime.spawn(() -> {
                    int at = 0;
                    while (at < back.length) {
                        at += client.read(back, at, back.length - at, LONG);
                    }
                    return null;
                });
                writer.join(LONG);
                reader.join(LONG);
                assertTrue(Arrays.equals(much, back));
                tls.runtime.spawn(client::shutdownOutput).join(LONG);
                assertEquals(much.length, echo.join(LONG));
                tls.runtime.spawn(server::close).join(LONG);
                assertEquals(
                        -1,
                        tls.runtime.spawn(() -> client.read(new byte[1], 0, 1)).join(LONG));
            }
        }
    }

    @Test
    void halfCloseOfTls13() throws Exception {
        Task<TlsStream> accepted = tls.accepting(options());
        try (TlsStream client = tls.connecting("localhost", options()).join(LONG);
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
    void aCutConnectionIsNoEnd() throws Exception {
        Task<TlsStream> accepted = tls.accepting(options());
        try (TlsStream client = tls.connecting("localhost", options()).join(LONG);
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
        Task<TlsStream> accepted = tls.accepting(options());
        try (TlsStream client = tls.connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            Duration brief = Duration.ofMillis(20);
            assertThrows(SocketTimeoutException.class, () -> client.read(new byte[1], 0, 1, brief));
            byte[] much = UdpSocketTest.pattern(64 << 20, 5);
            int took = tls.runtime
                    .spawn(() -> assertThrows(
                                    SocketTimeoutException.class,
                                    () -> client.write(much, 0, much.length, Duration.ofMillis(200)))
                            .bytesTransferred)
                    .join(LONG);
            assertTrue(took > 0 && took < much.length, "took " + took);
            int total = took + 100_000;
            Task<Void> writer = tls.runtime.spawn(() -> {
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
    void aBadRecordIsAnErrorOfTlsWhileSomebodyWrites() throws Exception {
        Task<TlsStream> accepted = tls.accepting(options());
        try (TlsStream client = tls.connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            CompletableFuture<Thread> who = new CompletableFuture<>();
            Task<Void> writer = tls.runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                server.write(new byte[64 << 20]);
                return null;
            });
            Parked.await(who);
            // Application data of 32 bytes that no key has sealed.
            byte[] forged = new byte[5 + 32];
            System.arraycopy(new byte[] {23, 3, 3, 0, 32}, 0, forged, 0, 5);
            client.tcp().write(forged);
            Task<Integer> reader = tls.runtime.spawn(() -> server.read(new byte[1], 0, 1, LONG));
            assertThrows(SSLException.class, () -> reader.join(LONG));
            server.abort();
            assertThrows(IOException.class, () -> writer.join(LONG));
            client.abort();
        }
    }

    @Test
    void aPeerThatAsksForKeyUpdatesMustReadTheAnswers() throws Exception {
        Task<TlsStream> accepted = tls.accepting(options());
        try (SSLSocket client = tls.jdkClient()) {
            client.startHandshake();
            assertEquals("TLSv1.3", client.getSession().getProtocol());
            TlsStream server = accepted.join(LONG);
            // Nobody reads this: it fills all buffers on the way, and from then on no answer goes out.
            Task<?> writer = tls.runtime.spawn(() -> server.write(new byte[64 << 20]));
            // Without a deadline: a busy machine takes its time for all those handshakes.
            Task<Integer> reader = tls.runtime.spawn(() -> server.read(new byte[1], 0, 1));
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
        Task<TlsStream> accepted = tls.accepting(options());
        try (TlsStream client = tls.connecting("localhost", options()).join(LONG);
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
}
