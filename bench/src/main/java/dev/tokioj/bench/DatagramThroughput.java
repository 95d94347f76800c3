package dev.tokioj.bench;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.net.RecvBatch;
import dev.tokioj.runtime.net.UdpHandler;
import dev.tokioj.runtime.net.UdpOptions;
import dev.tokioj.runtime.net.UdpSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * What {@link UdpSocket} carries over the loopback, one thread a side: megabytes a second taken by the sending and seen by the
 * receiving kernel call (the difference is dropped by a receiver that is too slow), and the cost of one call with one datagram.
 * Run {@code main} with {@code --enable-native-access=ALL-UNNAMED}; arguments: datagram size (1200), datagrams a train (40).
 */
public final class DatagramThroughput {
    private static final System.Logger LOG = System.getLogger(DatagramThroughput.class.getName());
    private static final long RUN_NANOS = 1_500_000_000L;
    private static final int ROUNDS = 3;

    private DatagramThroughput() {}

    /** Counts what comes. */
    private static final class Receiver implements UdpHandler, Runnable {
        private final Poller poller;
        private final UdpSocket socket;
        private final RecvBatch batch = new RecvBatch(16);
        /** The polling thread's. */
        private long sum;

        private volatile long bytes;
        private volatile boolean running = true;

        Receiver(Poller.Kind kind, UdpOptions options) throws IOException {
            poller = Poller.open(kind, true);
            socket = UdpSocket.open(poller, Runnable::run, options, this);
        }

        @Override
        public void onReadable(UdpSocket s) {
            try {
                int n = s.receive(batch);
                for (int i = 0; i < n; i++) {
                    sum += batch.length(i);
                }
                bytes = sum;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onWritable(UdpSocket s) {}

        @Override
        public void run() {
            try {
                while (running) {
                    poller.poll(10_000_000);
                }
                socket.close();
                poller.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static UdpOptions.Builder options() {
        return UdpOptions.builder().bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    }

    /** Runs the comparison. */
    public static void main(String[] args) throws Exception {
        int size = args.length > 0 ? Integer.parseInt(args[0]) : 1200;
        int train = args.length > 1 ? Integer.parseInt(args[1]) : 40;
        if (EpollPoller.isAvailable()) {
            throughput(
                    "GSO to GRO",
                    Poller.Kind.EPOLL,
                    options().build(),
                    options().build(),
                    size,
                    train);
            UdpOptions plain = options().gro(false).build();
            throughput("GSO to recvmmsg", Poller.Kind.EPOLL, options().build(), plain, size, train);
            UdpOptions noGso = options().gso(false).build();
            throughput("sendmmsg to recvmmsg", Poller.Kind.EPOLL, noGso, plain, size, train);
        }
        throughput("NIO", Poller.Kind.NIO, options().build(), options().build(), size, train);
        if (EpollPoller.isAvailable()) {
            costOfOne("libc", Poller.Kind.EPOLL, size);
        }
        costOfOne("NIO", Poller.Kind.NIO, size);
    }

    private static void throughput(
            String name, Poller.Kind kind, UdpOptions sending, UdpOptions receiving, int size, int train)
            throws Exception {
        Receiver receiver = new Receiver(kind, receiving);
        Thread thread = Thread.ofPlatform().start(receiver);
        InetSocketAddress to = receiver.socket.localAddress();
        try (Poller poller = Poller.open(kind, false);
                UdpSocket sender = UdpSocket.open(poller, Runnable::run, sending, receiver)) {
            byte[] buf = new byte[size * train];
            long bestSent = 0;
            long bestReceived = 0;
            for (int round = 0; round < ROUNDS; round++) {
                long before = receiver.bytes;
                long start = System.nanoTime();
                long sent = 0;
                while (System.nanoTime() - start < RUN_NANOS) {
                    sent += sender.send(buf, 0, buf.length, size, to, null, 2);
                }
                long nanos = System.nanoTime() - start;
                long received = (receiver.bytes - before) * 1000 / nanos;
                if (received > bestReceived) {
                    bestReceived = received;
                    bestSent = sent * 1000 / nanos;
                }
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}: {1} MB/s sent, {2} MB/s received ({3} x {4} bytes)",
                    name,
                    bestSent,
                    bestReceived,
                    train,
                    size);
        } finally {
            receiver.running = false;
            thread.join();
        }
    }

    private static void costOfOne(String name, Poller.Kind kind, int size) throws Exception {
        Receiver both = new Receiver(kind, options().build());
        try {
            int rounds = 200_000;
            byte[] buf = new byte[size];
            InetSocketAddress to = both.socket.localAddress();
            long bestSend = Long.MAX_VALUE;
            long bestReceive = Long.MAX_VALUE;
            long bytesEach = Long.MAX_VALUE;
            for (int repeat = 0; repeat < 5; repeat++) {
                long sending = 0;
                long receiving = 0;
                long allocated = allocated();
                for (int i = 0; i < rounds / 100; i++) {
                    long t0 = System.nanoTime();
                    for (int k = 0; k < 100; k++) {
                        both.socket.send(buf, 0, size, size, to, null, 2);
                    }
                    long t1 = System.nanoTime();
                    int got = 0;
                    while (got < 100) {
                        int n = both.socket.receive(both.batch);
                        for (int b = 0; b < n; b++) {
                            got += (both.batch.length(b) + size - 1) / size;
                        }
                    }
                    sending += t1 - t0;
                    receiving += System.nanoTime() - t1;
                }
                bytesEach = Math.min(bytesEach, (allocated() - allocated) / rounds);
                bestSend = Math.min(bestSend, sending / rounds);
                bestReceive = Math.min(bestReceive, receiving / rounds);
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "{0}: {1} ns a send, {2} ns a received datagram of {3} bytes, one a call out; {4} bytes of garbage each",
                    name,
                    bestSend,
                    bestReceive,
                    size,
                    bytesEach);
        } finally {
            both.socket.close();
            both.poller.close();
        }
    }

    private static long allocated() throws ReflectiveOperationException {
        Object bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        Method count = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        return (Long) count.invoke(bean);
    }
}
