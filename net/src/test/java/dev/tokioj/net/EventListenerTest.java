package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.quic.connection.QuicEventListener;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.TokioJ;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user's listener may do to the loop that calls it: nothing. */
@Timeout(60)
class EventListenerTest {
    private static QuicConfig heardBy(QuicEventListener listener) {
        return QuicConfig.builder().listener(listener).build();
    }

    /** One exchange over a connection of its own, closed by the task that made it. */
    private static void exchange(AsyncRuntime runtime, QuicEventListener listener, int port) throws Exception {
        byte[] sent = new byte[20_000];
        try (QuicClient client =
                        Echo.client().runtime(runtime).config(heardBy(listener)).build();
                QuicConnection connection = client.connect("localhost", port);
                QuicStream stream = connection.openStream()) {
            stream.output().write(sent);
            stream.output().close();
            try (InputStream in = stream.input()) {
                assertArrayEquals(sent, in.readAllBytes());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Combination.class)
    void whatItThrowsBreaksNothing(Combination combination) throws Exception {
        Set<Class<?>> heard = ConcurrentHashMap.newKeySet();
        QuicEventListener failing = (_, _, event) -> {
            heard.add(event.getClass());
            if (event instanceof QuicEvent.PacketSent) {
                throw new AssertionError("meant to fail");
            }
            throw new IllegalStateException("meant to fail");
        };
        try (AsyncRuntime runtime = combination.start();
                QuicServer server =
                        Echo.builder().runtime(runtime).config(heardBy(failing)).start()) {
            combination.run(runtime, () -> exchange(runtime, failing, server.port()));
        }
        assertTrue(heard.contains(QuicEvent.ConnectionStarted.class), heard.toString());
        assertTrue(heard.contains(QuicEvent.HandshakeComplete.class), heard.toString());
        assertTrue(heard.contains(QuicEvent.ConnectionClosed.class), heard.toString());
    }

    @ParameterizedTest
    @EnumSource(Combination.class)
    void whoWaitsInItIsTold(Combination combination) throws Exception {
        List<QuicEvent> elsewhere = new CopyOnWriteArrayList<>();
        Set<Class<?>> refused = ConcurrentHashMap.newKeySet();
        QuicEventListener waiting = (_, _, event) -> {
            if (!EventLoop.isLoopThread()) {
                elsewhere.add(event); // a wait would go through there, in the middle of the connection's work
                return;
            }
            try {
                TokioJ.sleep(Duration.ofDays(1));
            } catch (IllegalStateException e) {
                refused.add(event.getClass());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        try (AsyncRuntime runtime = combination.start();
                QuicServer server =
                        Echo.builder().runtime(runtime).config(heardBy(waiting)).start()) {
            combination.run(runtime, () -> exchange(runtime, waiting, server.port()));
            combination.run(runtime, () -> {
                // Ends by the client's close, with the connection still open.
                QuicClient client =
                        Echo.client().runtime(runtime).config(heardBy(waiting)).build();
                QuicConnection connection = client.connect("localhost", server.port());
                client.close();
                assertEquals(false, connection.isActive());
            });
        }
        assertEquals(List.of(), elsewhere);
        assertTrue(refused.contains(QuicEvent.ConnectionStarted.class), refused.toString());
        assertTrue(refused.contains(QuicEvent.ConnectionClosed.class), refused.toString());
    }

    /** Its lock may be held by a task of this very loop that waits for the loop. */
    @ParameterizedTest
    @EnumSource(Combination.class)
    void aCallbackMayNotCloseAClient(Combination combination) throws Exception {
        try (AsyncRuntime runtime = combination.start();
                QuicClient client = Echo.client().runtime(runtime).build()) {
            CompletableFuture<Throwable> met = new CompletableFuture<>();
            runtime.loops()
                    .get(0)
                    .execute(() -> met.complete(assertThrows(IllegalStateException.class, client::close)));
            assertInstanceOf(IllegalStateException.class, met.get(20, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @EnumSource(Combination.class)
    void anInterruptedTaskClosesAllOfAClientsSockets(Combination combination) throws Exception {
        List<QuicEvent> closed = new CopyOnWriteArrayList<>();
        QuicEventListener listener = (_, _, event) -> {
            if (event instanceof QuicEvent.ConnectionClosed) {
                closed.add(event);
            }
        };
        try (QuicServer server = Echo.start()) {
            try (AsyncRuntime runtime = combination.start()) {
                combination.run(runtime, () -> {
                    QuicClient client = Echo.client()
                            .runtime(runtime)
                            .config(heardBy(listener))
                            .build();
                    QuicConnection one = client.connect("localhost", server.port());
                    QuicConnection other = client.connect("localhost", server.port());
                    Thread.currentThread().interrupt();
                    assertThrows(java.io.InterruptedIOException.class, client::close);
                    assertTrue(Thread.interrupted());
                    while (one.isActive() || other.isActive()) {
                        TokioJ.yieldNow();
                    }
                });
                assertEquals(2, closed.size());
            }
        }
    }
}
