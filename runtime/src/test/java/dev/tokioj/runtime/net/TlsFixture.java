package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.net.ssl.SSLSocket;

/** A runtime with a listener, whose two ends speak TLS with one key that both trust. */
final class TlsFixture implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(20);

    /** Keytool takes its time: one key for all tests. */
    private static final class Material {
        static final TlsKeys KEYS;
        static final TlsOptions OPTIONS;
        static final Path PEM;

        static {
            try {
                Path kept = Files.createTempDirectory("tokioj-tls");
                kept.toFile().deleteOnExit();
                KEYS = TlsKeys.make(kept);
                OPTIONS = TlsOptions.builder()
                        .context(KEYS.context())
                        .alpn("two", "one")
                        .build();
                PEM = KEYS.pem(kept);
                PEM.toFile().deleteOnExit();
            } catch (Exception e) {
                throw new ExceptionInInitializerError(e);
            }
        }
    }

    final AsyncRuntime runtime;
    final TcpListener listener;

    TlsFixture(Ways ways) throws IOException {
        runtime = ways.start();
        listener = TcpListener.bind(runtime, TcpStreamTest.loopback(0), TcpOptions.DEFAULT);
    }

    static TlsKeys keys() {
        return Material.KEYS;
    }

    /** Offer "two" before "one". */
    static TlsOptions options() {
        return Material.OPTIONS;
    }

    static TlsOptions.Builder with() {
        return TlsOptions.builder().context(options().contextOrDefault());
    }

    /** The key and the certificate as openssl reads them. */
    static String pem() {
        return Material.PEM.toString();
    }

    Task<TlsStream> accepting(TlsOptions options) {
        return runtime.spawn(() -> TlsStream.server(listener.accept(LONG), options));
    }

    TcpStream tcp() throws IOException {
        return TcpStream.connect(runtime, listener.localAddress(), TcpOptions.DEFAULT, LONG);
    }

    Task<TlsStream> connecting(String host, TlsOptions options) {
        return runtime.spawn(() -> TlsStream.client(tcp(), host, options));
    }

    /** The JDK's own client, connected and with nothing said. */
    SSLSocket jdkClient() throws IOException {
        SSLSocket client = (SSLSocket) options()
                .contextOrDefault()
                .getSocketFactory()
                .createSocket(
                        listener.localAddress().getAddress(),
                        listener.localAddress().getPort());
        client.setSoTimeout((int) LONG.toMillis());
        return client;
    }

    @Override
    public void close() {
        listener.close();
        runtime.close();
    }
}
