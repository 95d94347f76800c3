package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read back: a JSON text sequence with the fields that the drafts demand. */
class QlogWriterTest {
    private static List<Map<String, Object>> records(Path file) throws IOException {
        String text = Files.readString(file);
        List<Map<String, Object>> records = new ArrayList<>();
        for (String record : text.split("\u001e", -1)) {
            if (!record.isEmpty()) {
                assertTrue(record.endsWith("\n"), "RFC 7464: a record ends with a line feed");
                records.add(Json.object(record));
            }
        }
        return records;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> member(Map<String, Object> object, String name) {
        return (Map<String, Object>) assertInstanceOf(Map.class, object.get(name), name + " in " + object);
    }

    private static void assertHead(Map<String, Object> head, String connectionId, String role) {
        assertEquals("urn:ietf:params:qlog:file:sequential", head.get("file_schema"));
        assertEquals("application/qlog+json-seq", head.get("serialization_format"));
        Map<String, Object> trace = member(head, "trace");
        assertEquals(role, member(trace, "vantage_point").get("type"));
        assertFalse(assertInstanceOf(List.class, trace.get("event_schemas")).isEmpty());
        Map<String, Object> common = member(trace, "common_fields");
        assertEquals(connectionId, common.get("group_id"));
        Map<String, Object> reference = member(common, "reference_time");
        assertEquals("monotonic", reference.get("clock_type"));
        assertEquals("unknown", reference.get("epoch"));
    }

    @Test
    void writesAFileForEachEndOfAConnection(@TempDir Path directory) throws Exception {
        String id;
        try (QuicServer server = Echo.builder().qlog(directory).start();
                QuicConnection connection = Echo.client().qlog(directory).connect("localhost", server.port());
                QuicStream stream = connection.openStream()) {
            id = connection.id();
            stream.write("log this".getBytes(StandardCharsets.UTF_8));
            stream.finish();
            assertEquals(8, stream.input().readAllBytes().length);
        }
        for (String role : new String[] {"client", "server"}) {
            List<Map<String, Object>> records = records(directory.resolve(id + "_" + role + ".sqlog"));
            assertHead(records.getFirst(), id, role);
            assertEvents(records.subList(1, records.size()), role);
        }
    }

    private static void assertEvents(List<Map<String, Object>> events, String role) {
        double last = 0;
        Set<String> names = new TreeSet<>();
        Set<Object> frames = new TreeSet<>();
        for (Map<String, Object> event : events) {
            double time = assertInstanceOf(Double.class, event.get("time"));
            assertTrue(time >= last, "time goes back at " + event);
            last = time;
            String name = assertInstanceOf(String.class, event.get("name"));
            names.add(name);
            Map<String, Object> data = member(event, "data");
            switch (name) {
                case "quic:connection_started" -> {
                    member(data, "local");
                    assertNotNull(member(data, "remote").get("port_v4"), data.toString());
                }
                case "quic:packet_sent", "quic:packet_received" -> {
                    Map<String, Object> header = member(data, "header");
                    assertTrue(
                            Set.of("initial", "handshake", "1RTT").contains(header.get("packet_type")),
                            data.toString());
                    assertNotNull(header.get("packet_number"), data.toString());
                    assertNotNull(member(data, "raw").get("length"), data.toString());
                    if (data.get("frames") instanceof List<?> list) {
                        list.forEach(frame ->
                                frames.add(assertInstanceOf(Map.class, frame).get("frame_type")));
                    }
                }
                case "quic:key_updated", "quic:key_discarded" -> assertNotNull(data.get("key_type"));
                case "quic:connection_state_updated" -> assertNotNull(data.get("new"));
                case "quic:connection_closed" -> assertEquals("application", data.get("trigger"));
                default -> {}
            }
        }
        assertTrue(
                names.containsAll(Set.of(
                        "quic:connection_started",
                        "quic:packet_sent",
                        "quic:packet_received",
                        "quic:alpn_information",
                        "quic:connection_closed")),
                role + " logged only " + names);
        assertTrue(frames.containsAll(Set.of("crypto", "ack", "stream")), role + " saw only " + frames);
    }

    @Test
    void writesEveryKindOfFrame() {
        byte[] bytes = {1, 2, 3, 4};
        List<Frame> frames = List.of(
                new Frame.Padding(7),
                Frame.Ack.of(10, 1, 2, 4, 4, 8, 100),
                new Frame.ResetStream(4, 5, 6),
                new Frame.StopSending(4, 5),
                new Frame.Crypto(0, bytes, 0, 4),
                new Frame.NewToken(bytes, 0, 4),
                new Frame.Stream(4, 10, bytes, 0, 4, true),
                new Frame.MaxData(1),
                new Frame.MaxStreamData(4, 2),
                new Frame.MaxStreams(true, 3),
                new Frame.DataBlocked(4),
                new Frame.StreamDataBlocked(4, 5),
                new Frame.StreamsBlocked(false, 6),
                new Frame.NewConnectionId(1, 0, ConnectionId.of(bytes), new byte[16]),
                new Frame.RetireConnectionId(1),
                new Frame.PathChallenge(0x0123456789abcdefL),
                new Frame.PathResponse(-1),
                new Frame.ConnectionClose(0x130, 6, "said \"so\"\n\u0001", false),
                new Frame.ConnectionClose(77, -1, "", true),
                new Frame.Datagram(bytes, 0, 4));
        QlogFrames qlog = new QlogFrames();
        JsonText out = new JsonText().open('[');
        frames.forEach(frame -> qlog.write(out, frame, 3));
        List<?> read = assertInstanceOf(List.class, Json.parse(out.close(']').toString()));
        assertEquals(frames.size(), read.size());
        for (Object frame : read) {
            assertNotNull(assertInstanceOf(Map.class, frame).get("frame_type"));
        }
        Map<?, ?> ack = assertInstanceOf(Map.class, read.get(1));
        assertEquals(List.of(List.of(8.0, 100.0), List.of(4.0), List.of(1.0, 2.0)), ack.get("acked_ranges"));
        assertEquals(0.08, ack.get("ack_delay"));
        Map<?, ?> close = assertInstanceOf(Map.class, read.get(17));
        assertEquals("crypto_error_0x130", close.get("error"));
        assertEquals("said \"so\"\n\u0001", close.get("reason"));
    }

    @Test
    void dropsAndCountsWhatDoesNotFit() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        BackgroundQueue queue = new BackgroundQueue("test-queue", 3, () -> {});
        queue.start();
        queue.offer(() -> {
            begun.countDown();
            try {
                blocked.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        begun.await();
        for (int i = 0; i < 10; i++) {
            assertEquals(i < 3, queue.offer(ran::incrementAndGet));
        }
        assertEquals(7, queue.dropped());
        blocked.countDown();
        queue.close(Duration.ofSeconds(10));
        assertEquals(3, ran.get());
        assertFalse(queue.offer(ran::incrementAndGet));
    }

    /** Nor does a logger that does not take what the queue has to say of it. */
    @Test
    void whatFailsEndsNoQueue() throws Exception {
        CountDownLatch ran = new CountDownLatch(1);
        BackgroundQueue queue = new BackgroundQueue("test-queue", 3, () -> {});
        queue.start();
        queue.offer(() -> {
            throw new StackOverflowError("meant to");
        });
        try (var _ = new FailingLogger(BackgroundQueue.class)) {
            queue.offer(() -> {
                throw new IllegalStateException("meant to: this is printed");
            });
            queue.offer(ran::countDown);
            assertTrue(ran.await(20, TimeUnit.SECONDS));
        }
        queue.close(Duration.ofSeconds(10));
    }

    @Test
    void logsNoMoreConnectionsThanFilesAllowed(@TempDir Path directory) throws Exception {
        Path made = directory.resolve("made/for/it");
        try (QlogWriter writer = QlogWriter.open(made, 10_000, 1)) {
            QuicConfig config = QuicConfig.defaults();
            QuicConfig logged =
                    config.toBuilder().listener(writer.newListener(config)).build();
            try (QuicServer server = Echo.builder().config(logged).start();
                    QuicConnection first = Echo.client().connect("localhost", server.port());
                    QuicConnection second = Echo.client().connect("localhost", server.port())) {
                assertTrue(first.isActive() && second.isActive());
            }
            assertEquals(0, writer.dropped());
        }
        try (Stream<Path> files = Files.list(made)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void secretsAreLoggedWhereTheProgramSaysAndForItsOwnerAlone(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("keys.log");
        try (QuicServer server = Echo.start();
                QuicConnection connection = Echo.client().keyLog(file).connect("localhost", server.port())) {
            assertTrue(connection.isActive());
        }
        List<String> lines = Files.readAllLines(file);
        assertTrue(
                lines.stream().anyMatch(line -> line.matches("CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]{64,96}")),
                "labels: " + lines.stream().map(line -> line.split(" ", -1)[0]).toList());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        // Appended, never truncated.
        try (QuicServer server = Echo.builder().keyLog(file).start();
                QuicConnection connection = Echo.client().connect("localhost", server.port())) {
            assertTrue(connection.isActive());
        }
        List<String> more = Files.readAllLines(file);
        assertEquals(lines, more.subList(0, lines.size()));
        assertTrue(more.size() > lines.size());
    }
}
