package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.TaskGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pool over real sockets: what an adapter for TCP has to be, and that it works. */
@Timeout(60)
class TcpPoolTest {
    /** The adapter, whole. */
    private static final class Tcp implements Connector<InetSocketAddress, Socket> {
        @Override
        public Socket connect(InetSocketAddress key) throws IOException {
            Socket socket = new Socket();
            try {
                socket.connect(key, 5000);
                socket.setSoTimeout(5000);
                return socket;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }

        @Override
        public boolean isHealthy(Socket socket) throws IOException {
            // An answer nobody asked for, or the end, makes it useless; a time-out is what is hoped for.
            socket.setSoTimeout(1);
            try {
                return socket.getInputStream().read() < -1;
            } catch (java.net.SocketTimeoutException e) {
                return true;
            } finally {
                socket.setSoTimeout(5000);
            }
        }

        @Override
        public void close(Socket socket) throws IOException {
            socket.close();
        }
    }

    /** Says its port to everything that it is told, and hangs up after so many answers. */
    private static void serve(ServerSocket server, int answers, AtomicInteger accepted) throws IOException {
        try (TaskGroup group = TaskGroup.collect()) {
            while (true) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                group.spawn(() -> {
                    try (socket;
                            InputStream in = socket.getInputStream();
                            OutputStream out = socket.getOutputStream()) {
                        for (int i = 0; i < answers && in.read() >= 0; i++) {
                            out.write(Integer.toString(server.getLocalPort())
                                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                            out.write('\n');
                        }
                    }
                });
            }
        }
    }

    private static int ask(Socket socket) throws IOException {
        socket.getOutputStream().write('?');
        int port = 0;
        for (int c = socket.getInputStream().read();
                c != '\n';
                c = socket.getInputStream().read()) {
            if (c < 0) {
                throw new IOException("hung up");
            }
            port = port * 10 + c - '0';
        }
        return port;
    }

    @ParameterizedTest
    @MethodSource("dev.tokioj.runtime.pool.Kind#available")
    void everyAnswerIsOfTheAddressAsked(Kind kind) throws Exception {
        InetAddress local = InetAddress.getLoopbackAddress();
        AtomicInteger accepted = new AtomicInteger();
        try (AsyncRuntime runtime = AsyncRuntime.start(
                        kind.config().drainTimeout(Duration.ZERO).build());
                ServerSocket one = new ServerSocket(0, 50, local);
                ServerSocket two = new ServerSocket(0, 50, local);
                var pool = ConnectionPool.open(
                        runtime,
                        new Tcp(),
                        PoolConfig.builder()
                                .maxTotal(6)
                                .healthCheckAfter(Duration.ofMillis(1))
                                .build())) {
            var servers = new ServerSocket[] {one, two};
            for (ServerSocket server : servers) {
                runtime.spawn(() -> serve(server, 10, accepted));
            }
            AtomicInteger hungUp = new AtomicInteger();
            try (TaskGroup group = TaskGroup.failFast(runtime)) {
                for (int i = 0; i < 8; i++) {
                    int number = i;
                    group.spawn(() -> {
                        for (int k = 0; k < 12; k++) {
                            int port = servers[(number + k) & 1].getLocalPort();
                            try (var lease = pool.borrow(new InetSocketAddress(local, port))) {
                                try {
                                    assertEquals(port, ask(lease.connection()));
                                } catch (IOException e) {
                                    hungUp.incrementAndGet();
                                    lease.invalidate();
                                }
                            }
                        }
                    });
                }
                group.join();
            }
            // One made for somebody who was served by a returned one meanwhile may have carried none.
            assertTrue(
                    pool.stats().created() + pool.stats().reused() >= 96,
                    pool.stats().toString());
            assertTrue(pool.stats().reused() > 48, pool.stats().toString());
            Kind.until(() -> accepted.get() == pool.stats().created());
            int free;
            try (ServerSocket unused = new ServerSocket(0, 1, local)) {
                free = unused.getLocalPort();
            }
            assertThrows(PoolConnectException.class, () -> pool.borrow(new InetSocketAddress(local, free)));
        }
    }
}
