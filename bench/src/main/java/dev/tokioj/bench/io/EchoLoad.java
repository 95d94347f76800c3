package dev.tokioj.bench.io;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.linux.Errno;
import dev.tokioj.runtime.linux.StreamFd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.Locale;

/**
 * The client's process, the same for every server: {@code EchoLoad tcp|udp PORT CONNECTIONS WARM-UP SECONDS}. Each connection has one
 * message of 64 bytes on its way at a time; one thread serves them all, by epoll without anything between it and the kernel's calls.
 * Prints messages a second and the round trip's p50 and p99 in microseconds.
 */
final class EchoLoad {
    private static final int MESSAGE = 64;
    /** Round trips kept for the quantiles; the newest when there are more. */
    private static final int KEPT = 1 << 20;

    private final long[] trips = new long[KEPT];
    private long count;

    private EchoLoad() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[1]);
        int connections = Integer.parseInt(args[2]);
        long warmUp = (long) (Double.parseDouble(args[3]) * 1e9);
        long measured = (long) (Double.parseDouble(args[4]) * 1e9);
        InetSocketAddress server = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
        EchoLoad load = new EchoLoad();
        Trips driver = args[0].equals("tcp") ? new Tcp(load, server, connections) : new Udp(load, server);
        driver.run(System.nanoTime() + warmUp);
        load.count = 0;
        long start = System.nanoTime();
        driver.run(start + measured);
        double seconds = (System.nanoTime() - start) / 1e9;
        load.print(seconds);
        System.exit(0);
    }

    private void print(double seconds) {
        int kept = (int) Math.min(count, KEPT);
        long[] sorted = Arrays.copyOf(trips, kept);
        Arrays.sort(sorted);
        System.out.printf(
                Locale.ROOT,
                "%.0f %.1f %.1f%n",
                count / seconds,
                sorted[kept / 2] / 1e3,
                sorted[(int) (kept * 0.99)] / 1e3);
    }

    private void add(long nanos) {
        trips[(int) (count++ & KEPT - 1)] = nanos;
    }

    /** Makes round trips until a moment. */
    private interface Trips {
        void run(long until) throws IOException;
    }

    private static final class Udp implements Trips {
        private final EchoLoad load;
        private final DatagramChannel channel;
        private final ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE);

        Udp(EchoLoad load, InetSocketAddress server) throws IOException {
            this.load = load;
            channel = DatagramChannel.open().connect(server);
        }

        @Override
        public void run(long until) throws IOException {
            long now = System.nanoTime();
            while (now < until) {
                message.clear();
                channel.write(message);
                message.clear();
                channel.read(message);
                long after = System.nanoTime();
                load.add(after - now);
                now = after;
            }
        }
    }

    private static final class Tcp implements Trips {
        private final EchoLoad load;
        private final EpollPoller poller = new EpollPoller(true);
        private final byte[] buf = new byte[MESSAGE];

        Tcp(EchoLoad load, InetSocketAddress server, int connections) throws IOException {
            this.load = load;
            for (int i = 0; i < connections; i++) {
                Connection connection = new Connection(server);
                poller.registerEdge(connection.fd.fd(), connection);
                // A connect at a time: no queue of the server's can overflow.
                while (connection.sent == 0) {
                    poller.poll(1_000_000_000);
                }
            }
        }

        @Override
        public void run(long until) throws IOException {
            while (System.nanoTime() < until) {
                poller.poll(100_000_000);
            }
        }

        private final class Connection implements Poller.Handler {
            final StreamFd fd = StreamFd.open(false);
            /** When the message that is on its way left; 0: not connected. */
            long sent;

            private int got;

            Connection(InetSocketAddress server) throws IOException {
                fd.set(StreamFd.IPPROTO_TCP, StreamFd.TCP_NODELAY, 1);
                check("connect", fd.connect(server), -Errno.EINPROGRESS);
            }

            @Override
            public void onReady(int ready) {
                if (sent == 0) {
                    send();
                    return;
                }
                int n = fd.receive(buf, 0, MESSAGE - got, 0);
                if (n == -Errno.EAGAIN) {
                    return;
                }
                if (n <= 0) {
                    throw new IllegalStateException("the server has gone: " + n);
                }
                got += n;
                if (got == MESSAGE) {
                    load.add(System.nanoTime() - sent);
                    got = 0;
                    send();
                }
            }

            private void send() {
                sent = System.nanoTime();
                int n = fd.send(buf, 0, MESSAGE, 0);
                if (n != MESSAGE) {
                    throw new IllegalStateException("a send answered " + n);
                }
            }
        }

        private static void check(String what, int result, int allowed) throws IOException {
            if (result < 0 && result != allowed) {
                throw new IOException(what + ": " + Errno.name(-result));
            }
        }
    }
}
