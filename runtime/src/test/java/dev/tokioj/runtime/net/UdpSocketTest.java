package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What both kinds of socket do alike: every pair of kinds, over IPv4, IPv6, and IPv4 to a dual-stack socket. */
@Timeout(30)
class UdpSocketTest {
    record Link(Poller.Kind sender, Poller.Kind receiver, String senderHost, String receiverBind, String receiverHost) {
        TestHost openSender() throws IOException {
            return TestHost.at(sender, senderHost);
        }

        TestHost openReceiver() throws IOException {
            return TestHost.at(receiver, receiverBind);
        }
    }

    static List<Poller.Kind> kinds() {
        return EpollPoller.isAvailable() ? List.of(Poller.Kind.NIO, Poller.Kind.EPOLL) : List.of(Poller.Kind.NIO);
    }

    static Stream<Arguments> links() {
        List<Arguments> all = new ArrayList<>();
        for (Poller.Kind sender : kinds()) {
            for (Poller.Kind receiver : kinds()) {
                all.add(Arguments.of(new Link(sender, receiver, "127.0.0.1", "127.0.0.1", "127.0.0.1")));
                all.add(Arguments.of(new Link(sender, receiver, "::1", "::1", "::1")));
                all.add(Arguments.of(new Link(sender, receiver, "127.0.0.1", "::", "127.0.0.1")));
                all.add(Arguments.of(new Link(sender, receiver, "::", "0.0.0.0", "127.0.0.1")));
            }
        }
        return all.stream();
    }

    /** Each once, and nothing else. Their order is not the kernel's promise: those of two calls may go by the queues of two processors. */
    private static void assertReceived(List<byte[]> sent, TestHost host) {
        List<byte[]> received = host.received.stream()
                .map(TestHost.Received::bytes)
                .sorted(Arrays::compare)
                .toList();
        List<byte[]> expected = sent.stream().sorted(Arrays::compare).toList();
        assertEquals(expected.size(), received.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), received.get(i));
        }
    }

    static byte[] pattern(int length, int seed) {
        byte[] b = new byte[length];
        for (int i = 0; i < length; i++) {
            b[i] = (byte) (i * 7 + seed + (i >> 9));
        }
        return b;
    }

    @ParameterizedTest
    @MethodSource("links")
    void aDatagramGoesThereAndBack(Link link) throws Exception {
        try (TestHost client = link.openSender();
                TestHost server = link.openReceiver()) {
            byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
            assertEquals(5, client.send(hello, 1200, server.address(link.receiverHost)));
            TestHost.Received request = server.await();
            assertArrayEquals(hello, request.bytes());
            assertEquals(
                    client.socket.localAddress().getPort(), request.remote().getPort());
            assertEquals(5, server.send(request.bytes(), 1200, request.remote()));
            TestHost.Received reply = client.await();
            assertArrayEquals(hello, reply.bytes());
            assertEquals(server.address(link.receiverHost), reply.remote());
        }
    }

    @ParameterizedTest
    @MethodSource("links")
    void aTrainArrivesAsItsDatagrams(Link link) throws Exception {
        try (TestHost client = link.openSender();
                TestHost server = link.openReceiver()) {
            int segment = 1200;
            byte[] train = pattern(100 * segment + 77, 3); // more than one kernel call takes
            assertEquals(train.length, client.send(train, segment, server.address(link.receiverHost)));
            server.until(() -> server.received.size() == 101);
            List<byte[]> expected = new ArrayList<>();
            for (int at = 0; at < train.length; at += segment) {
                expected.add(Arrays.copyOfRange(train, at, Math.min(at + segment, train.length)));
            }
            assertReceived(expected, server);
            UdpCounters sent = client.socket.counters();
            assertEquals(101, sent.datagramsSent());
            assertEquals(train.length, sent.bytesSent());
            assertEquals(101, server.socket.counters().datagramsReceived());
            if (client.socket.features().gso()) {
                assertEquals(2, sent.sendCalls());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("links")
    void emptyDatagramsTravel(Link link) throws Exception {
        try (TestHost client = link.openSender();
                TestHost server = link.openReceiver()) {
            assertEquals(0, client.send(new byte[0], 1200, server.address(link.receiverHost)));
            assertEquals(3, client.send(new byte[3], 1200, server.address(link.receiverHost)));
            assertEquals(4, client.send(new byte[4], Integer.MAX_VALUE, server.address(link.receiverHost)));
            server.until(() -> server.received.size() == 3);
            assertReceived(List.of(new byte[0], new byte[3], new byte[4]), server);
        }
    }

    @ParameterizedTest
    @MethodSource("links")
    void aKnownPeerIsTheSameObjectAgain(Link link) throws Exception {
        try (TestHost client = link.openSender();
                TestHost server = link.openReceiver()) {
            client.send(new byte[1], 1200, server.address(link.receiverHost));
            InetSocketAddress first = server.await().remote();
            client.send(new byte[1], 1200, server.address(link.receiverHost));
            assertSame(first, server.await().remote());
        }
    }

    @ParameterizedTest
    @MethodSource("links")
    void aBurstFillsManyBatches(Link link) throws Exception {
        try (TestHost client = link.openSender();
                TestHost server = link.openReceiver()) {
            InetSocketAddress to = server.address(link.receiverHost);
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                byte[] numbered = pattern(200 + i % 50, i);
                assertEquals(numbered.length, client.send(numbered, 1200, to));
                sent.add(numbered);
            }
            server.until(() -> server.received.size() == 500);
            assertReceived(sent, server);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aLocalAddressIsToldWhereTheSystemTells(Poller.Kind kind) throws Exception {
        try (TestHost client = TestHost.at(kind, "127.0.0.1");
                TestHost bound = TestHost.at(kind, "127.0.0.1");
                TestHost wildcard = TestHost.at(kind, "::")) {
            client.send(new byte[1], 1200, bound.address("127.0.0.1"));
            assertEquals(bound.socket.localAddress(), bound.await().local());
            client.send(new byte[1], 1200, wildcard.address("127.0.0.2"));
            TestHost.Received r = wildcard.await();
            if (wildcard.socket.features().packetInfo()) {
                assertEquals(wildcard.address("127.0.0.2"), r.local());
            } else {
                assertNull(r.local());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void nothingWaitsOnAnEmptySocket(Poller.Kind kind) throws Exception {
        try (TestHost host = TestHost.at(kind, "127.0.0.1")) {
            assertEquals(0, host.socket.receive(new RecvBatch(4)));
            assertEquals(0, host.poller.poll(0));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatThePathRefusesIsLostNotThrown(Poller.Kind kind) throws Exception {
        try (TestHost host = TestHost.at(kind, "127.0.0.1");
                TestHost other = TestHost.at(kind, "127.0.0.1")) {
            InetSocketAddress ipv6 = new InetSocketAddress(InetAddress.ofLiteral("::1"), 9);
            assertEquals(2400, host.send(new byte[2400], 1200, ipv6), "another family");
            assertEquals(2, host.socket.counters().lostSends());
            InetSocketAddress gone = other.address("127.0.0.1");
            other.socket.close();
            other.poller.poll(0);
            for (int i = 0; i < 5; i++) {
                assertEquals(10, host.send(new byte[10], 1200, gone), "nobody listens there");
                host.poller.poll(1_000_000);
            }
            assertEquals(65_520, host.send(new byte[65_520], 65_520, host.address("127.0.0.1")), "too long for UDP");
            assertEquals(3, host.socket.counters().lostSends());
            InetSocketAddress portZero = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
            assertEquals(1, host.send(new byte[1], 1200, portZero), "no such port");
            assertEquals(4, host.socket.counters().lostSends());
            host.send(new byte[10], 1200, host.address("127.0.0.1"));
            assertEquals(10, host.await().bytes().length, "and the socket goes on");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void readingCanBePausedAndGoesOn(Poller.Kind kind) throws Exception {
        try (TestHost host = TestHost.at(kind, "127.0.0.1")) {
            host.socket.reading(false);
            host.send(new byte[10], 1200, host.address("127.0.0.1"));
            assertEquals(0, host.poller.poll(20_000_000));
            assertEquals(0, host.readable);
            host.socket.reading(true);
            assertEquals(10, host.await().bytes().length);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aHandlerIsCalledAgainWhileDatagramsWait(Poller.Kind kind) throws Exception {
        try (TestHost host = TestHost.at(kind, "127.0.0.1")) {
            host.onReadable = s -> {};
            host.send(new byte[10], 1200, host.address("127.0.0.1"));
            host.until(() -> host.readable == 3);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aHandlerMayCloseItsSocket(Poller.Kind kind) throws Exception {
        TestHost host = TestHost.at(kind, "127.0.0.1");
        host.onReadable = UdpSocket::close;
        host.send(new byte[10], 1200, host.address("127.0.0.1"));
        host.until(() -> host.readable == 1);
        assertEquals(0, host.poller.poll(5_000_000));
        assertEquals(1, host.readable);
        assertThrows(IOException.class, () -> host.socket.receive(new RecvBatch(1)));
        assertThrows(IOException.class, () -> host.send(new byte[1], 1, host.address("127.0.0.1")));
        host.socket.reading(false);
        host.close();
        host.close();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aSocketClosedByItsNeighboursHandlerIsNotCalled(Poller.Kind kind) throws Exception {
        try (TestHost host = TestHost.at(kind, "127.0.0.1")) {
            List<UdpSocket> both = new ArrayList<>();
            List<UdpSocket> called = new ArrayList<>();
            UdpHandler closeTheOther = new UdpHandler() {
                @Override
                public void onReadable(UdpSocket s) {
                    called.add(s);
                    both.forEach(UdpSocket::close);
                }

                @Override
                public void onWritable(UdpSocket s) {
                    throw new AssertionError("nothing was refused");
                }
            };
            for (int i = 0; i < 2; i++) {
                both.add(UdpSocket.open(
                        host.poller,
                        Runnable::run,
                        TestHost.options("127.0.0.1").build(),
                        closeTheOther));
            }
            for (UdpSocket s : both) {
                host.send(new byte[1], 1200, s.localAddress());
            }
            host.until(() -> !called.isEmpty());
            host.poller.poll(5_000_000);
            assertEquals(1, called.size());
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void portsAreExclusiveUnlessShared(Poller.Kind kind) throws Exception {
        UdpOptions shared = TestHost.options("127.0.0.1").reusePort(true).build();
        try (TestHost plain = TestHost.at(kind, "127.0.0.1");
                TestHost first = new TestHost(kind, shared)) {
            UdpOptions taken =
                    UdpOptions.builder().bind(plain.socket.localAddress()).build();
            IOException e = assertThrows(IOException.class, () -> new TestHost(kind, taken).close());
            assertNotNull(e.getMessage());
            UdpOptions same =
                    shared.toBuilder().bind(first.socket.localAddress()).build();
            try (TestHost second = new TestHost(kind, same)) {
                assertEquals(first.socket.localAddress(), second.socket.localAddress());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void anUnboundSocketReachesBothFamilies(Poller.Kind kind) throws Exception {
        try (TestHost client = new TestHost(kind, UdpOptions.builder().build());
                TestHost server = TestHost.at(kind, "::")) {
            assertTrue(client.socket.localAddress().getPort() > 0);
            assertTrue(client.socket.features().dualStack());
            client.send(new byte[4], 1200, server.address("127.0.0.1"));
            assertEquals("127.0.0.1", server.await().remote().getAddress().getHostAddress());
            client.send(new byte[6], 1200, server.address("::1"));
            assertEquals(InetAddress.ofLiteral("::1"), server.await().remote().getAddress());
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void featuresSayWhatIsThere(Poller.Kind kind) throws Exception {
        UdpOptions options = TestHost.options("127.0.0.1")
                .receiveBuffer(100_000)
                .sendBuffer(50_000)
                .build();
        try (TestHost host = new TestHost(kind, options)) {
            UdpFeatures f = host.socket.features();
            boolean linux = kind == Poller.Kind.EPOLL;
            assertEquals(linux, f.batched());
            assertEquals(linux, f.gso());
            assertEquals(linux, f.gro());
            assertEquals(linux, f.ecnSend());
            assertEquals(linux, f.ecnReceive());
            assertEquals(linux, f.sourceSelection());
            assertTrue(f.packetInfo(), "bound to one address");
            assertTrue(f.unfragmented());
            assertFalse(f.dualStack());
            assertTrue(f.receiveBuffer() >= 100_000, "got " + f.receiveBuffer());
            assertTrue(f.sendBuffer() >= 50_000, "got " + f.sendBuffer());
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void nonsenseIsRefused(Poller.Kind kind) throws Exception {
        try (TestHost host = TestHost.at(kind, "127.0.0.1")) {
            InetSocketAddress to = host.address("127.0.0.1");
            assertThrows(IllegalArgumentException.class, () -> host.send(new byte[1], 0, to));
            assertThrows(IndexOutOfBoundsException.class, () -> host.socket.send(new byte[4], 2, 3, 1, to, null, 0));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> UdpOptions.builder().maxSegments(65).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> UdpOptions.builder().peerCache(3).build());
        assertThrows(
                IllegalArgumentException.class,
                () -> UdpOptions.builder().receiveBuffer(0).build());
        assertThrows(IllegalArgumentException.class, () -> new RecvBatch(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> UdpOptions.builder()
                        .bind(InetSocketAddress.createUnresolved("nowhere.invalid", 1))
                        .build());
    }
}
