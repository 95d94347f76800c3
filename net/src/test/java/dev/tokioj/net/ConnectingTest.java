package dev.tokioj.net;

import static dev.tokioj.net.Saying.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several addresses of one name are tried in turn, and the first that answers is taken. */
class ConnectingTest {
    private static InetAddress address(String literal) throws IOException {
        return InetAddress.getAllByName(literal)[0];
    }

    @Test
    void alternatesBetweenTheFamilies() throws Exception {
        InetAddress[] resolved = {address("192.0.2.1"), address("192.0.2.2"), address("2001:db8::1")};
        assertEquals(
                List.of(
                        new InetSocketAddress(address("2001:db8::1"), 1),
                        new InetSocketAddress(address("192.0.2.1"), 1),
                        new InetSocketAddress(address("192.0.2.2"), 1)),
                Connecting.order(resolved, 1, true));
        assertEquals(2, Connecting.order(resolved, 1, false).size());
    }

    @Test
    void triesABoundedNumber() throws Exception {
        InetAddress[] resolved = new InetAddress[100];
        for (int i = 0; i < resolved.length; i++) {
            resolved[i] = address("192.0.2." + i);
        }
        assertEquals(
                Connecting.MAX_ADDRESSES, Connecting.order(resolved, 1, true).size());
    }

    @Test
    void takesTheAddressThatAnswers() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(Loopback.v4(0));
                QuicServer server = Echo.start();
                QuicClient client =
                        Echo.client().headStart(Duration.ofMillis(20)).build()) {
            InetSocketAddress mute = Loopback.v4(silent.getLocalPort());
            InetSocketAddress live = Loopback.v4(server.port());
            try (QuicConnection connection = client.connect(List.of(mute, live), "localhost")) {
                assertEquals(live, connection.remoteAddress());
            }
        }
    }

    @Test
    void failsWhenTheLastHasFailedAndTellsTheBetterReason() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(Loopback.v4(0));
                QuicServer server = Echo.start();
                QuicClient client = QuicClient.builder()
                        .alpn("other")
                        .trust(TestPki.shared().authorities())
                        .headStart(Duration.ofMillis(20))
                        .handshakeTimeout(Duration.ofSeconds(2)) // for the one that answers: its refusal comes first
                        .build()) {
            InetSocketAddress mute = Loopback.v4(silent.getLocalPort());
            InetSocketAddress live = Loopback.v4(server.port());
            Task<?> liveFirst = client.runtime().spawn(() -> client.connect(List.of(live, mute), "localhost"));
            Task<?> muteFirst = client.runtime().spawn(() -> client.connect(List.of(mute, live), "localhost"));
            assertThrows(HandshakeFailedException.class, liveFirst::join);
            assertThrows(HandshakeFailedException.class, muteFirst::join);
        }
    }

    /** It waited for ever: nothing was begun that could fail later. */
    @Test
    void aNameThatIsNoneIsSaid() throws Exception {
        try (QuicClient client = Echo.client().serverName("not a name").build()) {
            IOException failure = assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> assertThrows(IOException.class, () -> client.connect(Loopback.v4(1))));
            assertSays("'not a name'", failure);
        }
    }

    /** Between the look whether it is open and the loop's first step: nobody sent for such a connection or ended it. */
    @Test
    void aClientThatIsClosedMeanwhileConnectsNoMore() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(1).build())) {
            ClientCore core = ClientCore.open(Echo.client().runtime(runtime), List.of("echo"));
            IOException failure = assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> assertThrows(
                            IOException.class,
                            () -> core.connect(List.of(Loopback.v4(1)), shard -> {
                                close(core);
                                return new QuicClient.Dialer(shard, "localhost");
                            })));
            assertSays("closed", failure);
        }
    }

    private static void close(ClientCore core) {
        try {
            core.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anInterruptGivesUp() throws Exception {
        try (DatagramSocket silent = new DatagramSocket(Loopback.v4(0));
                QuicClient client = Echo.client().build()) {
            InetSocketAddress mute = Loopback.v4(silent.getLocalPort());
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = assertInstanceOf(
                    InterruptedIOException.class, assertThrows(IOException.class, () -> client.connect(mute)));
            assertSays("connect", interrupted);
            assertTrue(Thread.interrupted());
        }
    }
}
