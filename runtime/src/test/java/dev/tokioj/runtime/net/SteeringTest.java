package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several sockets at one address: who may join, and that the kernel runs the program that chooses among them. */
@Timeout(30)
class SteeringTest {
    private static final long SEED = 20261121;
    private static final int FACTOR = 0x9E3779B1;

    /** As QUIC's headers need it: another place to look at when the first bit is set; then some arithmetic. */
    private static SteeringProgram program(int sockets) {
        return SteeringProgram.builder()
                .loadByte(0)
                .skipIfSet(0x80, 2, 0)
                .loadWord(1)
                .skip(1)
                .loadWord(6)
                .multiply(FACTOR)
                .copyToX()
                .shiftRight(16)
                .xorX()
                .shiftRight(3)
                .remainder(sockets)
                .answer()
                .build();
    }

    private static int expected(byte[] datagram, int sockets) {
        int at = datagram[0] < 0 ? 6 : 1;
        int word = 0;
        for (int i = 0; i < 4; i++) {
            word = (word << 8) | (datagram[at + i] & 0xff);
        }
        int a = word * FACTOR;
        a = ((a >>> 16) ^ a) >>> 3;
        return Integer.remainderUnsigned(a, sockets);
    }

    private static TestHost join(Poller.Kind kind, TestHost founder) throws IOException {
        return new TestHost(
                kind,
                UdpOptions.builder()
                        .bind(founder.socket.localAddress())
                        .reusePort(true)
                        .build());
    }

    private static void closeAll(List<TestHost> hosts) throws IOException {
        for (TestHost host : hosts) {
            host.close();
        }
    }

    private static int total(List<TestHost> hosts) {
        return hosts.stream().mapToInt(host -> host.received.size()).sum();
    }

    /** Sends datagrams from many ports, so that the kernel's own hash would spread them; half of them with the first bit set. */
    private static void send(Random random, int count, InetSocketAddress to, List<TestHost> hosts) throws IOException {
        for (int i = 0; i < count; i++) {
            int want = total(hosts) + 1;
            try (TestHost client = TestHost.at(Poller.Kind.EPOLL, "127.0.0.1")) {
                byte[] datagram = new byte[20 + random.nextInt(1200)];
                random.nextBytes(datagram);
                datagram[0] = (byte) (i % 2 == 0 ? 0xc0 : 0x40);
                client.send(datagram, datagram.length, to);
                TestHost.until(() -> total(hosts) == want, hosts.toArray(TestHost[]::new));
            }
        }
    }

    private static void assertSteered(List<TestHost> byNumber) {
        for (int number = 0; number < byNumber.size(); number++) {
            assertFalse(byNumber.get(number).received.isEmpty(), "nothing came to socket " + number + ", seed " + SEED);
            for (TestHost.Received datagram : byNumber.get(number).received) {
                assertEquals(number, expected(datagram.bytes(), byNumber.size()), "seed " + SEED);
            }
            byNumber.get(number).received.clear();
        }
    }

    @Test
    void theKernelRunsTheProgramForEveryDatagram() throws Exception {
        assumeTrue(EpollPoller.isAvailable(), "steering is Linux's");
        Random random = new Random(SEED);
        List<TestHost> hosts = new ArrayList<>();
        try {
            TestHost founder = TestHost.at(Poller.Kind.EPOLL, "127.0.0.1");
            hosts.add(founder);
            assertTrue(founder.socket.share());
            hosts.add(join(Poller.Kind.EPOLL, founder));
            hosts.add(join(Poller.Kind.EPOLL, founder));
            assertTrue(founder.socket.steer(program(3)));
            InetSocketAddress address = founder.socket.localAddress();
            send(random, 150, address, hosts);
            assertSteered(hosts);

            // Without socket 2 its datagrams go where the kernel's hash says: they arrive.
            hosts.removeLast().close();
            send(random, 40, address, hosts);
            hosts.forEach(host -> host.received.clear());
            // A new one takes the free number, and the program is still there.
            hosts.add(join(Poller.Kind.EPOLL, founder));
            send(random, 60, address, hosts);
            assertSteered(hosts);

            // The last takes the number of one that is closed.
            hosts.removeFirst().close();
            TestHost moved = hosts.removeLast();
            hosts.addFirst(moved);
            hosts.add(join(Poller.Kind.EPOLL, moved));
            send(random, 60, address, hosts);
            assertSteered(hosts);

            // Too short to look into: the first.
            try (TestHost client = TestHost.at(Poller.Kind.EPOLL, "127.0.0.1")) {
                client.send(new byte[] {0x40, 1, 2}, 3, address);
                TestHost.until(() -> !hosts.getFirst().received.isEmpty(), hosts.toArray(TestHost[]::new));
            }
        } finally {
            closeAll(hosts);
        }
    }

    @Test
    void oneProgramServesAnotherUntilReplaced() throws Exception {
        assumeTrue(EpollPoller.isAvailable(), "steering is Linux's");
        List<TestHost> hosts = new ArrayList<>();
        try {
            hosts.add(TestHost.at(Poller.Kind.EPOLL, "::1"));
            assertTrue(hosts.getFirst().socket.share());
            hosts.add(join(Poller.Kind.EPOLL, hosts.getFirst()));
            // By any member; the sum of a byte and 1, so the byte 0 leads to the second.
            assertTrue(hosts.getLast()
                    .socket
                    .steer(SteeringProgram.builder()
                            .loadByte(0)
                            .add(1)
                            .remainder(2)
                            .answer()
                            .build()));
            try (TestHost client = TestHost.at(Poller.Kind.EPOLL, "::1")) {
                for (byte first : new byte[] {0, 1, 0, 1, 1}) {
                    client.send(new byte[] {first}, 1, hosts.getFirst().socket.localAddress());
                    TestHost host = hosts.get(1 - first);
                    int had = host.received.size();
                    TestHost.until(() -> host.received.size() > had, host);
                }
            }
            // Jumps past its own end: the kernel takes no such program, and the socket goes on.
            assertFalse(hosts.getFirst()
                    .socket
                    .steer(SteeringProgram.builder()
                            .loadByte(0)
                            .skip(9)
                            .answer()
                            .build()));
        } finally {
            closeAll(hosts);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NIO", "EPOLL"})
    void whoFindsAnAddressFreeHasItAloneUntilItIsShared(Poller.Kind kind) throws Exception {
        assumeTrue(kind == Poller.Kind.NIO || EpollPoller.isAvailable(), "epoll is Linux's");
        try (TestHost founder = TestHost.at(kind, "127.0.0.1")) {
            assertThrows(IOException.class, () -> join(kind, founder).close());
            assumeTrue(founder.socket.share(), "a system without SO_REUSEPORT");
            try (TestHost member = join(kind, founder)) {
                assertEquals(founder.socket.localAddress(), member.socket.localAddress());
                // An earlier run of a program is found out by the next one: it asks for the address alone.
                UdpOptions alone =
                        UdpOptions.builder().bind(founder.socket.localAddress()).build();
                assertThrows(IOException.class, () -> new TestHost(kind, alone).close());
            }
        }
    }

    @Test
    void aSocketOfTheJdkIsNotSteered() throws Exception {
        try (TestHost host = TestHost.at(Poller.Kind.NIO, "127.0.0.1")) {
            assertFalse(host.socket.steer(program(2)));
        }
    }

    @Test
    void aProgramHasABoundAndASenseOfItsOwn() {
        SteeringProgram.Builder builder = SteeringProgram.builder();
        for (int i = 0; i < 64; i++) {
            builder.copyToX();
        }
        assertThrows(IllegalStateException.class, builder::copyToX);
        assertThrows(
                IllegalArgumentException.class, () -> SteeringProgram.builder().remainder(0));
        assertThrows(
                IllegalArgumentException.class, () -> SteeringProgram.builder().skip(256));
        assertThrows(
                IllegalArgumentException.class, () -> SteeringProgram.builder().skipIfSet(1, 0, -1));
    }
}
