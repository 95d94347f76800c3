package dev.tokioj.runtime.net;

import static dev.tokioj.runtime.net.TlsFixture.LONG;
import static dev.tokioj.runtime.net.TlsFixture.options;
import static dev.tokioj.runtime.net.TlsFixture.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.IoClosedException;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Whom a handshake lets in, and how it ends. */
@ParameterizedClass
@MethodSource("dev.tokioj.runtime.net.Ways#all")
@Timeout(60)
class TlsHandshakeTest {
    private final Ways ways;
    private TlsFixture tls;

    TlsHandshakeTest(Ways ways) {
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
    void aHostOfAnotherNameIsRefused() throws Exception {
        Task<TlsStream> accepted = tls.accepting(options());
        SSLException e = assertThrows(
                SSLException.class,
                () -> tls.connecting("example.org", options()).join(LONG));
        assertTrue(String.valueOf(e.getMessage()).contains("example.org"), e.toString());
        assertThrows(IOException.class, () -> {
            try (TlsStream server = accepted.join(LONG)) {
                server.read(new byte[1], 0, 1, LONG);
            }
        });
        Task<TlsStream> again = tls.accepting(options());
        try (TlsStream client = tls.connecting(
                                "example.org", with().verifyHostname(false).build())
                        .join(LONG);
                TlsStream server = again.join(LONG)) {
            client.write(new byte[1]);
            assertEquals(1, server.read(new byte[1], 0, 1, LONG));
        }
    }

    @Test
    void anUntrustedCertificateIsRefused() throws Exception {
        Task<TlsStream> accepted = tls.accepting(options());
        assertThrows(
                SSLException.class,
                () -> tls.connecting("localhost", TlsOptions.DEFAULT).join(LONG));
        assertThrows(IOException.class, () -> {
            try (TlsStream server = accepted.join(LONG)) {
                server.read(new byte[1], 0, 1, LONG);
            }
        });
    }

    @Test
    void aSilentPeerEndsTheHandshakeInTime() throws Exception {
        Task<TcpStream> silent = tls.runtime.spawn(() -> tls.listener.accept(LONG));
        TlsOptions hasty = with().handshakeTimeout(Duration.ofMillis(50)).build();
        SocketTimeoutException e = assertThrows(
                SocketTimeoutException.class,
                () -> tls.connecting("localhost", hasty).join(LONG));
        assertTrue(String.valueOf(e.getMessage()).contains("handshake"), e.toString());
        silent.join(LONG).close();
    }

    @Test
    void whatFailsBeforeTheHandshakeClosesTheConnection() throws Exception {
        Task<TcpStream> accepted = tls.runtime.spawn(() -> tls.listener.accept(LONG));
        TcpStream near = tls.tcp();
        TcpStream far = accepted.join(LONG);
        TlsOptions wrong = with().protocols("no such version").build();
        assertThrows(IllegalArgumentException.class, () -> TlsStream.client(near, "localhost", wrong));
        assertThrows(IoClosedException.class, () -> near.read(new byte[1], 0, 1, LONG));
        assertThrows(IllegalArgumentException.class, () -> TlsStream.server(far, wrong));
        assertThrows(IoClosedException.class, () -> far.read(new byte[1], 0, 1, LONG));
    }

    @Test
    void aServerMayDemandACertificate() throws Exception {
        Task<TlsStream> accepted = tls.accepting(with().clientAuth(true).build());
        try (TlsStream client = tls.connecting("localhost", options()).join(LONG);
                TlsStream server = accepted.join(LONG)) {
            client.write(new byte[1]);
            assertEquals(1, server.read(new byte[1], 0, 1, LONG));
            assertEquals(1, server.session().getPeerCertificates().length);
        }
    }

    /** They may take as long as they like, and wait for what only the loop can bring. */
    @Test
    void keyAndTrustManagersAreAskedInTheBlockingPool() throws Exception {
        Set<String> asked = ConcurrentHashMap.newKeySet();
        SSLContext context = TlsFixture.keys()
                .context(question -> asked.add(
                        Thread.currentThread().getName().replaceAll(".*-(blocking)-.*", "$1") + ": " + question));
        for (String version : new String[] {"TLSv1.3", "TLSv1.2"}) {
            asked.clear();
            TlsOptions options = TlsOptions.builder()
                    .context(context)
                    .protocols(version)
                    .clientAuth(true)
                    .build();
            Task<TlsStream> accepted = tls.accepting(options);
            try (TlsStream client = tls.connecting("localhost", options).join(LONG);
                    TlsStream server = accepted.join(LONG)) {
                client.write(new byte[1]);
                assertEquals(1, server.read(new byte[1], 0, 1, LONG));
            }
            assertEquals(
                    Set.of(
                            "blocking: client's key",
                            "blocking: server's key",
                            "blocking: client trusted",
                            "blocking: server trusted"),
                    asked);
        }
    }

    /** He holds a thread of the blocking pool, of which there are few. */
    @Test
    void whoIsAskedIsInterruptedWhenTheTimeIsUp() throws Exception {
        // What a first handshake loads is no part of the time that the second is given to ask in.
        Task<TlsStream> first = tls.accepting(options());
        try (TlsStream client = tls.connecting("localhost", options()).join(LONG);
                TlsStream server = first.join(LONG)) {
            client.write(new byte[1]);
            assertEquals(1, server.read(new byte[1], 0, 1, LONG));
        }
        CountDownLatch asked = new CountDownLatch(1);
        CompletableFuture<InterruptedException> interrupted = new CompletableFuture<>();
        TlsOptions hasty = TlsOptions.builder()
                .context(TlsFixture.keys().context(question -> {
                    asked.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.complete(e);
                    }
                }))
                .handshakeTimeout(Duration.ofSeconds(2))
                .build();
        Task<TlsStream> accepted = tls.accepting(hasty);
        Task<TlsStream> connecting = tls.connecting("localhost", options());
        assertThrows(SocketTimeoutException.class, () -> accepted.join(LONG));
        assertTrue(asked.await(20, TimeUnit.SECONDS));
        interrupted.get(20, TimeUnit.SECONDS);
        assertThrows(IOException.class, () -> connecting.join(LONG));
    }
}
