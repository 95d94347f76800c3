package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.quic.connection.QuicEventListener;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes what connections do as qlog (draft-ietf-quic-qlog-main-schema and -quic-events), a JSON text sequence (RFC 7464) a
 * connection: {@code <original destination connection ID>_<client|server>.sqlog}. Events are taken on the loop, turned into text
 * and written on a thread of the writer's own; when that falls behind, events are dropped and {@link #dropped} counts them.
 */
public final class QlogWriter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(QlogWriter.class.getName());

    /** Events waiting for the writer: a packet each at 300 MB/s for about a tenth of a second, some 4 MB of objects. */
    private static final int DEFAULT_CAPACITY = 32_768;

    /** Files open at once: well below the usual 1,024 a process; connections beyond it are not logged. */
    private static final int DEFAULT_MAX_OPEN_FILES = 256;

    private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);

    /** A connection's file, or what stands for one that could not be opened. The writer's thread only. */
    private static final class Trace {
        final long begin;
        final QlogEvents events;
        final String connectionId;
        final boolean client;
        final StringBuilder text = new StringBuilder();

        @Nullable Writer file;

        Trace(long begin, String connectionId, boolean client) {
            this.begin = begin;
            this.connectionId = connectionId;
            this.client = client;
            this.events = new QlogEvents(client);
        }
    }

    private final Path directory;
    private final int maxOpenFiles;
    private final BackgroundQueue queue;
    private final Set<Trace> open = new HashSet<>(); // writer's thread
    private volatile boolean complained;

    private QlogWriter(Path directory, int capacity, int maxOpenFiles) {
        this.directory = directory;
        this.maxOpenFiles = maxOpenFiles;
        this.queue = new BackgroundQueue("tokioj-qlog", capacity, this::flush);
    }

    /** Starts a writer into this directory, which is made if it does not exist. */
    public static QlogWriter open(Path directory) throws IOException {
        return open(directory, DEFAULT_CAPACITY, DEFAULT_MAX_OPEN_FILES);
    }

    /**
     * As {@link #open(Path)}, with limits.
     *
     * @param capacity events that may wait for the writer
     * @param maxOpenFiles connections logged at the same time
     */
    public static QlogWriter open(Path directory, int capacity, int maxOpenFiles) throws IOException {
        if (capacity < 1 || maxOpenFiles < 1) {
            throw new IllegalArgumentException("capacity and maxOpenFiles must be positive");
        }
        Files.createDirectories(directory);
        QlogWriter writer = new QlogWriter(directory, capacity, maxOpenFiles);
        writer.queue.start();
        return writer;
    }

    /** A listener for the connections of one loop; {@code config} is theirs. */
    QuicEventListener newListener(QuicConfig config) {
        return new Listener(config);
    }

    /** Events that were not written because the writer could not keep up. Any thread. */
    public long dropped() {
        return queue.dropped();
    }

    /** Writes what waits, within a bound, and closes the files. */
    @Override
    public void close() {
        queue.add(this::closeAll);
        queue.close(CLOSE_BOUND);
    }

    private record Consequence(long time, QuicEvent event) {}

    /** What a loop keeps for a connection: the packet whose frames are still coming. */
    private static final class Pending {
        final Trace trace;
        final JsonText frames = new JsonText();
        /** What the packet brought about while its frames were processed; told after it. */
        final List<Consequence> consequences = new ArrayList<>();

        QuicEvent.@Nullable PacketReceived packet;
        long time;

        Pending(Trace trace) {
            this.trace = trace;
        }
    }

    /** The loop's side. */
    private final class Listener implements QuicEventListener {
        private final IdentityHashMap<Connection, Pending> connections = new IdentityHashMap<>();
        private final QlogFrames frames = new QlogFrames();
        private final int ackDelayExponent;

        Listener(QuicConfig config) {
            this.ackDelayExponent = config.ackDelayExponent();
        }

        @Override
        public void onEvent(long now, Connection connection, QuicEvent event) {
            Pending pending = connections.get(connection);
            if (pending == null) {
                if (isOver(connection)) {
                    return; // what a closed connection still sends is not worth its file, which is closed
                }
                pending = new Pending(
                        new Trace(now, connection.originalDestinationId().toString(), connection.isClient()));
                connections.put(connection, pending);
            }
            switch (event) {
                case QuicEvent.FrameProcessed(var _, var frame) ->
                    frames.write(pending.frames, frame, ackDelayExponent);
                case QuicEvent.PacketReceived packet -> {
                    flushPacket(pending);
                    pending.packet = packet;
                    pending.time = now;
                }
                case QuicEvent.ConnectionClosed closed -> {
                    flushPacket(pending);
                    send(pending.trace, now, closed, null);
                    connections.remove(connection);
                    Trace trace = pending.trace;
                    queue.add(() -> close(trace)); // never dropped: files are few
                }
                case QuicEvent.PacketSent _,
                        QuicEvent.PacketDropped _,
                        QuicEvent.PacketBuffered _,
                        QuicEvent.ProbeTimeout _ -> {
                    flushPacket(pending);
                    send(pending.trace, now, event, null);
                }
                case QuicEvent.ConnectionStarted _,
                        QuicEvent.HandshakeComplete _,
                        QuicEvent.HandshakeConfirmed _,
                        QuicEvent.PacketsLost _,
                        QuicEvent.MetricsUpdated _,
                        QuicEvent.KeysInstalled _,
                        QuicEvent.KeysDiscarded _,
                        QuicEvent.KeyUpdated _,
                        QuicEvent.PathChallenged _,
                        QuicEvent.PathValidated _,
                        QuicEvent.PathAbandoned _,
                        QuicEvent.RetryReceived _ -> {
                    if (pending.packet == null) {
                        send(pending.trace, now, event, null);
                    } else {
                        pending.consequences.add(new Consequence(now, event));
                    }
                }
            }
        }

        private static boolean isOver(Connection connection) {
            return switch (connection.state()) {
                case HANDSHAKING, ESTABLISHED -> false;
                case CLOSING, DRAINING, CLOSED -> true;
            };
        }

        private void flushPacket(Pending pending) {
            QuicEvent.PacketReceived packet = pending.packet;
            if (packet != null) {
                pending.packet = null;
                send(pending.trace, pending.time, packet, pending.frames.isEmpty() ? null : pending.frames.toString());
                pending.frames.clear();
                pending.consequences.forEach(c -> send(pending.trace, c.time(), c.event(), null));
                pending.consequences.clear();
            }
        }

        private void send(Trace trace, long now, QuicEvent event, @Nullable String frames) {
            queue.offer(() -> write(trace, now, event, frames));
        }
    }

    // From here on: the writer's thread.

    private void write(Trace trace, long now, QuicEvent event, @Nullable String frames) {
        try {
            Writer file = trace.file;
            if (file == null) {
                file = begin(trace);
                if (file == null) {
                    return;
                }
            }
            trace.text.setLength(0);
            trace.events.write(trace.text, now - trace.begin, event, frames);
            file.append(trace.text);
        } catch (IOException e) {
            complain(e);
        }
    }

    private @Nullable Writer begin(Trace trace) throws IOException {
        if (open.size() >= maxOpenFiles) {
            return null;
        }
        String role = trace.client ? "client" : "server";
        Path path = directory.resolve(trace.connectionId + "_" + role + ".sqlog");
        Writer file = new BufferedWriter(Files.newBufferedWriter(path, StandardCharsets.UTF_8), 1 << 16);
        trace.file = file;
        open.add(trace);
        JsonText head = new JsonText().open('{');
        head.field("file_schema", "urn:ietf:params:qlog:file:sequential");
        head.field("serialization_format", "application/qlog+json-seq");
        head.field("title", "TokioJ " + role).name("trace").open('{');
        head.name("common_fields").open('{').field("group_id", trace.connectionId);
        head.field("time_format", "relative_to_epoch").name("reference_time").open('{');
        head.field("clock_type", "monotonic").field("epoch", "unknown");
        head.field(
                "wall_clock_time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        head.close('}')
                .close('}')
                .name("vantage_point")
                .open('{')
                .field("type", role)
                .close('}');
        head.name("event_schemas")
                .open('[')
                .value("urn:ietf:params:qlog:events:quic-12")
                .close(']');
        head.close('}').close('}');
        file.append('\u001e').append(head.toString()).append('\n');
        return file;
    }

    private void close(Trace trace) {
        Writer file = trace.file;
        if (file != null && open.remove(trace)) {
            try {
                file.close();
            } catch (IOException e) {
                complain(e);
            }
        }
    }

    private void closeAll() {
        Set.copyOf(open).forEach(this::close);
    }

    private void flush() {
        for (Trace trace : open) {
            try {
                if (trace.file != null) {
                    trace.file.flush();
                }
            } catch (IOException e) {
                complain(e);
            }
        }
    }

    private void complain(IOException e) {
        if (!complained) {
            complained = true;
            LOG.log(System.Logger.Level.WARNING, "qlog cannot be written to " + directory, e);
        }
    }
}
