package dev.tokioj.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.AsyncRuntime;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A handshake over real sockets, and bytes there and back: on every transport and every placement. */
class QuicEchoTest {
    @ParameterizedTest
    @EnumSource
    void shakesHandsAndEchoes(Combination combination) throws Exception {
        try (AsyncRuntime runtime = combination.start()) {
            combination.run(runtime, () -> {
                try (QuicServer server =
                        Echo.builder().placement(combination.placement()).start()) {
                    QuicConnection connection = Echo.client().connect("localhost", server.port());
                    try (connection;
                            QuicStream stream = connection.openStream()) {
                        assertTrue(connection.isActive());
                        assertEquals("echo", connection.alpn());
                        assertEquals(server.port(), connection.remoteAddress().getPort());

                        stream.write("hello, QUIC".getBytes(UTF_8));
                        byte[] buffer = new byte[64];
                        int n = stream.read(buffer, Duration.ofSeconds(30));
                        assertEquals("hello, QUIC", new String(buffer, 0, n, UTF_8));

                        stream.finish();
                        assertEquals(-1, stream.read(buffer, Duration.ofSeconds(30)));
                        assertThrows(StreamClosedException.class, () -> stream.read(buffer));
                        assertTrue(connection.stats().packetsSent() > 0);
                    }
                    assertFalse(connection.isActive());
                }
            });
        }
    }
}
