package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A full send buffer, which a loopback never has: the child runs in a network namespace of its own, where the loopback is
 * slowed to 20 Mbit/s and has the MTU of an Ethernet. Needs Linux with user namespaces and tc; skipped elsewhere.
 */
@Timeout(90)
@Tag("once")
class SlowLinkTest {
    private static final String LINK =
            "ip link set lo mtu 1500 up && tc qdisc add dev lo root tbf rate 20mbit burst 20k limit 10mb";

    /** Sends 300 datagrams in trains, as fast as the socket takes them. */
    static final class Main {
        private static final int SEGMENT = 1200;
        private static final int TOTAL = 300;

        private Main() {}

        public static void main(String[] args) throws IOException {
            Poller.Kind kind = Poller.Kind.valueOf(args[0]);
            UdpOptions small = TestHost.options("127.0.0.1")
                    .sendBuffer(20_000)
                    .gso(Boolean.parseBoolean(args[1]))
                    .build();
            try (TestHost client = new TestHost(kind, small);
                    TestHost server = TestHost.at(kind, "127.0.0.1")) {
                byte[] train = UdpSocketTest.pattern(10 * SEGMENT, 5);
                int refusals = 0;
                for (int sent = 0; sent < TOTAL; sent += 10) {
                    int done = 0;
                    while (done < train.length) {
                        done += client.socket.send(
                                train, done, train.length - done, SEGMENT, server.socket.localAddress(), null, 0);
                        if (done % SEGMENT != 0) {
                            throw new AssertionError("part of a datagram was taken: " + done);
                        }
                        if (done < train.length) {
                            refusals++;
                            int expected = refusals;
                            TestHost.until(() -> client.writable == expected, client, server);
                        }
                    }
                }
                TestHost.until(() -> server.received.size() == TOTAL, server);
                // The link may change their order: its packets come by the queue of whichever processor sent them.
                int[] copies = new int[10];
                for (TestHost.Received one : server.received) {
                    copies[placeInTrain(one.bytes(), train)]++;
                }
                for (int count : copies) {
                    if (count != TOTAL / 10) {
                        throw new AssertionError("of each there are to be 30: " + Arrays.toString(copies));
                    }
                }
                System.out.println(
                        "refused often: " + (refusals > 2) + ", told each time: " + (client.writable == refusals));
                long before = client.socket.counters().lostSends();
                int took = client.socket.send(new byte[6400], 0, 6400, 1600, server.socket.localAddress(), null, 0);
                System.out.println("above the MTU: took " + took + ", lost "
                        + (client.socket.counters().lostSends() - before) + ", gso "
                        + client.socket.features().gso());
            }
        }

        private static int placeInTrain(byte[] datagram, byte[] train) {
            for (int from = 0; from < train.length; from += SEGMENT) {
                if (Arrays.equals(datagram, 0, datagram.length, train, from, from + SEGMENT)) {
                    return from / SEGMENT;
                }
            }
            throw new AssertionError("a datagram has changed");
        }
    }

    @ParameterizedTest
    @CsvSource({"EPOLL,true", "EPOLL,false", "NIO,false"})
    void whatAFullBufferRefusesGoesLaterAndNothingIsLost(String kind, boolean gso) throws Exception {
        assumeTrue(canSlowDown(), "needs unshare, ip and tc");
        List<String> inNamespace = List.of("unshare", "-rn", "sh", "-c", LINK + " && exec \"$0\" \"$@\"");
        String out = ChildJvm.run(
                inNamespace, List.of("--enable-native-access=ALL-UNNAMED"), Main.class, kind, Boolean.toString(gso));
        assertTrue(out.contains("refused often: true, told each time: true"), out);
        String mtu = out.lines()
                .filter(l -> l.startsWith("above the MTU"))
                .findFirst()
                .orElse(out);
        assertEquals("above the MTU: took 6400, lost 4, gso " + gso, mtu, out);
    }

    private static boolean canSlowDown() throws InterruptedException {
        try {
            Process p = new ProcessBuilder("unshare", "-rn", "sh", "-c", LINK)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return p.waitFor(10, TimeUnit.SECONDS) && p.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
