package dev.tokioj.bench.io;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.net.RecvBatch;
import dev.tokioj.runtime.net.TcpListener;
import dev.tokioj.runtime.net.TcpOptions;
import dev.tokioj.runtime.net.TcpStream;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.runtime.net.UdpPort;
import java.io.IOException;

/** One loop, a task for each connection, on the loop. */
final class TokiojEcho {
    private TokiojEcho() {}

    private static AsyncRuntime runtime() throws IOException {
        return AsyncRuntime.start(
                RuntimeConfig.ioFocused().loops(1).poller(Poller.Kind.EPOLL).build());
    }

    static int tcp() throws IOException {
        AsyncRuntime runtime = runtime();
        TcpListener listener = TcpListener.bind(runtime, EchoServer.ANY_PORT, TcpOptions.DEFAULT);
        runtime.spawn(() -> {
            while (true) {
                TcpStream stream = listener.accept();
                runtime.spawn(() -> echo(stream));
            }
        });
        return listener.localAddress().getPort();
    }

    private static int echo(TcpStream stream) throws IOException {
        byte[] buf = new byte[4096];
        try (stream) {
            int n;
            while ((n = stream.read(buf, 0, buf.length)) >= 0) {
                stream.write(buf, 0, n);
            }
            return 0;
        }
    }

    static int udp() throws IOException {
        AsyncRuntime runtime = runtime();
        UdpPort port = UdpPort.open(
                runtime, UdpOptions.builder().bind(EchoServer.ANY_PORT).build());
        runtime.spawn(() -> {
            RecvBatch batch = new RecvBatch(16);
            while (true) {
                int n = port.receive(batch);
                for (int i = 0; i < n; i++) {
                    port.send(batch.buffer(), batch.offset(i), batch.length(i), batch.segmentSize(i), batch.remote(i));
                }
            }
        });
        return port.localAddress().getPort();
    }
}
