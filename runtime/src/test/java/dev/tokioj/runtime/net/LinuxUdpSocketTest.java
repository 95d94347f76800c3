package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.linux.DatagramFd;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the Linux socket does beyond the common: batches, marks, addresses, and doing without. */
@Timeout(30)
@Tag("once")
class LinuxUdpSocketTest {
    private static final Poller.Kind EPOLL = Poller.Kind.EPOLL;
    private static final int SO_NO_CHECK = 11;

    @BeforeEach
    void onLinux() {
        assumeTrue(EpollPoller.isAvailable());
    }

    @Test
    void aTrainOfOneCallIsReceivedInOnePiece() throws Exception {
        try (TestHost client = TestHost.at(EPOLL, "127.0.0.1");
                TestHost server = TestHost.at(EPOLL, "127.0.0.1")) {
            assertEquals(40 * 1200, client.send(new byte[40 * 1200], 1200, server.socket.localAddress()));
            assertEquals(1, client.socket.counters().sendCalls());
            server.until(() -> server.received.size() == 40);
            assertTrue(server.received.stream().allMatch(TestHost.Received::joined));
        }
    }

    @Test
    void aReceiverWithoutGroGetsTheDatagramsOneByOne() throws Exception {
        UdpOptions plain = TestHost.options("::1").gro(false).build();
        try (TestHost client = TestHost.at(EPOLL, "::1");
                TestHost server = new TestHost(EPOLL, plain)) {
            assertFalse(server.socket.features().gro());
            client.send(new byte[20 * 1200 + 1], 1200, server.socket.localAddress());
            server.until(() -> server.received.size() == 21);
            assertTrue(server.received.stream().noneMatch(TestHost.Received::joined));
            assertEquals(1, server.received.get(20).bytes().length);
        }
    }

    @Test
    void theNumberOfSegmentsInACallIsASetting() throws Exception {
        UdpOptions few = TestHost.options("127.0.0.1").maxSegments(10).build();
        try (TestHost client = new TestHost(EPOLL, few);
                TestHost server = TestHost.at(EPOLL, "127.0.0.1")) {
            client.send(new byte[35 * 100], 100, server.socket.localAddress());
            assertEquals(4, client.socket.counters().sendCalls());
            server.until(() -> server.received.size() == 35);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,127.0.0.1,127.0.0.1",
        "::1,::1,::1",
        "127.0.0.1,::,127.0.0.1",
        "::,::,127.0.0.1",
        "::,0.0.0.0,127.0.0.1"
    })
    void marksTravelInBothDirections(String from, String bind, String to) throws Exception {
        try (TestHost client = TestHost.at(EPOLL, from);
                TestHost server = TestHost.at(EPOLL, bind)) {
            InetSocketAddress address = server.address(to);
            for (int mark : List.of(0, 2, 1, 3, 0)) {
                client.socket.send(new byte[7], 0, 7, 1200, address, null, mark);
                TestHost.Received r = server.await();
                assertEquals(mark, r.ecn());
                server.socket.send(new byte[7], 0, 7, 1200, r.remote(), null, mark);
                assertEquals(mark, client.await().ecn());
            }
            client.socket.send(new byte[3600], 0, 3600, 1200, address, null, 2);
            int had = server.received.size();
            server.until(() -> server.received.size() == had + 3);
            assertEquals(2, server.received.getLast().ecn(), "a train carries its mark");
        }
    }

    @Test
    void marksCanBeSwitchedOff() throws Exception {
        UdpOptions unmarked = TestHost.options("127.0.0.1").ecn(false).build();
        try (TestHost client = new TestHost(EPOLL, unmarked);
                TestHost server = TestHost.at(EPOLL, "127.0.0.1")) {
            client.socket.send(new byte[7], 0, 7, 1200, server.socket.localAddress(), null, 2);
            assertEquals(0, server.await().ecn());
            server.socket.send(new byte[7], 0, 7, 1200, client.socket.localAddress(), null, 2);
            assertEquals(0, client.await().ecn());
        }
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0,127.0.0.1,127.0.0.3", "::,127.0.0.1,127.0.0.3", "::,::1,::1"})
    void repliesLeaveFromTheAddressThatWasAsked(String bind, String from, String asked) throws Exception {
        try (TestHost client = TestHost.at(EPOLL, from);
                TestHost server = TestHost.at(EPOLL, bind)) {
            for (int round = 0; round < 2; round++) {
                client.send(new byte[5], 1200, server.address(asked));
                TestHost.Received r = server.await();
                assertEquals(server.address(asked), r.local());
                InetAddress source = InetAddress.ofLiteral(asked);
                server.socket.send(new byte[5], 0, 5, 1200, r.remote(), source, 2);
                assertEquals(server.address(asked), client.await().remote());
            }
        }
    }

    @Test
    void aTrainKeepsItsSourceAndMark() throws Exception {
        try (TestHost client = TestHost.at(EPOLL, "127.0.0.1");
                TestHost server = TestHost.at(EPOLL, "::")) {
            InetAddress source = InetAddress.ofLiteral("127.0.0.9");
            server.socket.send(new byte[2500], 0, 2500, 1000, client.socket.localAddress(), source, 1);
            client.until(() -> client.received.size() == 3);
            for (TestHost.Received r : client.received) {
                assertEquals(source, r.remote().getAddress());
                assertEquals(1, r.ecn());
            }
        }
    }

    @Test
    void aSourceThatIsNotOursLosesTheDatagramAndNothingElse() throws Exception {
        try (TestHost client = TestHost.at(EPOLL, "127.0.0.1");
                TestHost server = TestHost.at(EPOLL, "0.0.0.0")) {
            InetAddress foreign = InetAddress.ofLiteral("198.51.100.7");
            server.socket.send(new byte[5], 0, 5, 1200, client.socket.localAddress(), foreign, 2);
            assertEquals(1, server.socket.counters().lostSends());
            assertTrue(server.socket.features().ecnSend(), "the mark was not to blame");
            server.socket.send(new byte[2400], 0, 2400, 1200, client.socket.localAddress(), foreign, 2);
            assertEquals(3, server.socket.counters().lostSends());
            assertTrue(server.socket.features().gso(), "nor was the train");
            server.send(new byte[6], 1200, client.socket.localAddress());
            assertEquals(6, client.await().bytes().length);
        }
    }

    @Test
    void withoutPacketInfoAWildcardDoesNotTell() throws Exception {
        UdpOptions blind = TestHost.options("::").packetInfo(false).build();
        try (TestHost client = TestHost.at(EPOLL, "127.0.0.1");
                TestHost server = new TestHost(EPOLL, blind)) {
            assertFalse(server.socket.features().packetInfo());
            client.send(new byte[5], 1200, server.address("127.0.0.1"));
            assertNull(server.await().local());
        }
    }

    @Test
    void trainsGoOneByOneWhereGsoIsForbidden() throws Exception {
        UdpOptions plain = TestHost.options("127.0.0.1").gso(false).build();
        try (TestHost client = new TestHost(EPOLL, plain);
                TestHost server = TestHost.at(EPOLL, "127.0.0.1")) {
            assertFalse(client.socket.features().gso());
            byte[] train = UdpSocketTest.pattern(30 * 1200 + 5, 1);
            assertEquals(train.length, client.send(train, 1200, server.socket.localAddress()));
            server.until(() -> server.received.size() == 31);
            assertEquals(1, client.socket.counters().sendCalls(), "sendmmsg");
            assertEquals(5, server.received.get(30).bytes().length);
            assertEquals(train[29 * 1200], server.received.get(29).bytes()[0]);
        }
    }

    @Test
    void aKernelThatRefusesGsoAtRunTimeGetsNoMoreTrains() throws Exception {
        try (TestHost client = TestHost.at(EPOLL, "127.0.0.1");
                TestHost server = TestHost.at(EPOLL, "127.0.0.1")) {
            // The kernel does not split trains for a socket that asks for no checksums, and says so by EINVAL.
            DatagramFd fd = ((LinuxUdpSocket) client.socket).descriptor();
            assertTrue(fd.set(DatagramFd.SOL_SOCKET, SO_NO_CHECK, 1));
            assertTrue(client.socket.features().gso());
            byte[] train = UdpSocketTest.pattern(10 * 1200, 1);
            assertEquals(train.length, client.send(train, 1200, server.socket.localAddress()));
            server.until(() -> server.received.size() == 10);
            assertFalse(client.socket.features().gso());
            assertEquals(0, client.socket.counters().lostSends());
            assertEquals(train.length, client.send(train, 1200, server.socket.localAddress()));
            server.until(() -> server.received.size() == 20);
            assertEquals(3, client.socket.counters().sendCalls(), "refused, sendmmsg, sendmmsg");
        }
    }

    @Test
    void aDatagramTooLongForUdpIsLostAndGsoStays() throws Exception {
        try (TestHost client = TestHost.at(EPOLL, "127.0.0.1")) {
            // The loopback's MTU is 65536, and a segment with its headers must fit it: this train is at UDP's own
            // limit.
            byte[] big = new byte[65_508];
            assertEquals(big.length, client.send(big, 65_508, client.socket.localAddress()));
            assertEquals(1, client.socket.counters().lostSends());
            assertTrue(client.socket.features().gso());
        }
    }

    @Test
    void peersBeyondTheCacheStillGetTheirAnswers() throws Exception {
        UdpOptions tiny = TestHost.options("127.0.0.1").peerCache(1).build();
        try (TestHost server = new TestHost(EPOLL, tiny);
                TestHost a = TestHost.at(EPOLL, "127.0.0.1");
                TestHost b = TestHost.at(EPOLL, "127.0.0.1")) {
            for (int i = 0; i < 4; i++) {
                TestHost client = i % 2 == 0 ? a : b;
                client.send(new byte[] {(byte) i}, 1200, server.socket.localAddress());
                TestHost.Received r = server.await();
                assertEquals(client.socket.localAddress(), r.remote());
                server.send(r.bytes(), 1200, r.remote());
                assertEquals(i, client.await().bytes()[0]);
            }
        }
    }
}
