package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.path.NetPath;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Waiting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** The pieces that threads meet in, and those that keep garbage away. */
class SmallPartsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Test
    void aPathIsOneObjectHoweverManyComeBetween() {
        PathCache cache = new PathCache(3, 0x1234);
        NetPath first = cache.path(null, Loopback.v4(1));
        assertSame(first, cache.path(null, Loopback.v4(1)));
        assertNotSame(first, cache.path(Loopback.v4(9), Loopback.v4(1)));
        for (int port = 1; port < 60_000; port++) {
            NetPath path = cache.path(null, Loopback.v4(port));
            assertEquals(port, path.remote().getPort());
            assertEquals(3, path.socket());
        }
        assertEquals(first, cache.path(null, Loopback.v4(1)));
    }

    @Test
    void whoeverWaitsHearsOfWhatFails() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(RuntimeConfig.builder().loops(1).build())) {
            ClientCore core = ClientCore.open(Echo.client().runtime(runtime), List.of("echo"));
            // Nothing is attached to it, which is a bug of whoever opens streams on it.
            RawConnection bad = new RawConnection(core.open(0).shard(), "nowhere", new RawConnection.Watcher() {
                @Override
                public void established(RawConnection connection) {}

                @Override
                public void ended(RawConnection connection, QuicException cause) {}
            });
            IOException failure =
                    assertTimeoutPreemptively(LONG, () -> assertThrows(IOException.class, bad.facade()::openStream));
            assertInstanceOf(NullPointerException.class, failure.getCause());
            core.close();
        }
    }

    @Test
    void whatIsAcceptedIsTakenOnceByOneOfThoseWhoWait() throws Exception {
        AcceptQueue<Integer> queue = new AcceptQueue<>();
        Set<Integer> taken = ConcurrentHashMap.newKeySet();
        Thread[] takers = new Thread[8];
        for (int i = 0; i < takers.length; i++) {
            takers[i] = Thread.ofVirtual().start(() -> {
                try {
                    for (Integer item = queue.take("take"); item != null; item = queue.take("take")) {
                        assertTrue(taken.add(item), "taken twice: " + item);
                    }
                } catch (InterruptedIOException e) {
                    throw new AssertionError(e);
                }
            });
        }
        for (int i = 0; i < 10_000; i++) {
            queue.add(i);
        }
        queue.close();
        for (Thread taker : takers) {
            assertTrue(taker.join(LONG));
        }
        assertEquals(10_000, taken.size());
        assertNull(queue.take("take"));
    }

    @Test
    void anInterruptEndsTheWaitForWhatIsAccepted() {
        AcceptQueue<Integer> queue = new AcceptQueue<>();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedIOException.class, () -> queue.take("take"));
        assertTrue(Thread.interrupted());
    }

    @Test
    void aReplyIsGivenOnce() throws Exception {
        Reply<Integer> reply = new Reply<>();
        Thread.ofVirtual().start(() -> reply.complete(7));
        assertEquals(7, reply.await("it"));
        assertFalse(reply.complete(8));
        assertFalse(reply.fail(new IOException("late")));
        assertEquals(7, reply.await("it"));
    }

    @Test
    void aReplyThatComesTooLateIsRefused() {
        Reply<Integer> reply = new Reply<>();
        Waiting waiting = Waiting.ofJdk();
        assertThrows(
                StreamTimeoutException.class,
                () -> reply.await(
                        "it", waiting, waiting.nanoTime() + Duration.ofMillis(5).toNanos()));
        assertFalse(reply.complete(1));
        assertTrue(reply.isSettled());
        Reply<Integer> interrupted = new Reply<>();
        Thread.currentThread().interrupt();
        assertThrows(InterruptedIOException.class, () -> interrupted.await("it"));
        assertTrue(Thread.interrupted());
        assertFalse(interrupted.complete(1));
    }

    @Test
    void aWholeBodyIsReadWhateverItsHeadSays() throws Exception {
        for (int length : new int[] {0, 1, 1023, 1024, 1025, 5000, 100_000}) {
            byte[] content = new byte[length];
            new SplittableRandom(length).nextBytes(content);
            for (long announced : new long[] {-1, length, length / 2, length + 7}) {
                InputStream in = new ByteArrayInputStream(content);
                assertArrayEquals(content, MessageFeed.readWhole(in, announced, 100_000), length + ", " + announced);
                InputStream again = new ByteArrayInputStream(content);
                if (length > 0) {
                    assertThrows(IOException.class, () -> MessageFeed.readWhole(again, announced, length - 1));
                }
            }
        }
    }

    @Test
    void routesPreferTheExactPathAndThenTheLongestPrefix() {
        Handler any = exchange -> {};
        Handler exact = exchange -> {};
        Handler deep = exchange -> {};
        Handler get = exchange -> {};
        Routes routes = new Routes();
        routes.add(null, "/*", any);
        routes.add(null, "/a", exact);
        routes.add(null, "/a/b/*", deep);
        routes.add("GET", "/g", get);
        assertSame(any, routes.find("GET", "/"));
        assertSame(any, routes.find("GET", "/other/x"));
        assertSame(exact, routes.find("POST", "/a"));
        assertSame(any, routes.find("GET", "/a/"));
        assertSame(deep, routes.find("GET", "/a/b/c/d"));
        assertSame(get, routes.find("HEAD", "/g"));
        assertNotSame(get, routes.find("POST", "/g"));
        assertThrows(IllegalArgumentException.class, () -> routes.add(null, "/a", any));
        assertThrows(IllegalArgumentException.class, () -> routes.add(null, "no-slash", any));
    }
}
