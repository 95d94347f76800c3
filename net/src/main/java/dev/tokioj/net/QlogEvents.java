package dev.tokioj.net;

import dev.tokioj.quic.connection.CloseReason;
import dev.tokioj.quic.connection.DropReason;
import dev.tokioj.quic.connection.QuicEvent;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.PacketType;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** QUIC events as qlog has them (draft-ietf-quic-qlog-quic-events). Runs on the log's thread. */
final class QlogEvents {
    private final JsonText out = new JsonText();
    private final boolean client;

    QlogEvents(boolean client) {
        this.client = client;
    }

    /**
     * The JSON of one event; some make two, a line each.
     *
     * @param time ns since the trace began
     * @param frames the frames of a received packet, as JSON, or null
     */
    void write(StringBuilder lines, long time, QuicEvent event, @Nullable String frames) {
        switch (event) {
            case QuicEvent.ConnectionStarted e -> started(lines, time, e.path());
            case QuicEvent.HandshakeComplete e -> handshakeComplete(lines, time, e.alpn());
            case QuicEvent.HandshakeConfirmed _ -> state(lines, time, "handshake_confirmed");
            case QuicEvent.PacketSent e ->
                packet(lines, time, "packet_sent", e.type(), e.packetNumber(), e.length(), null);
            case QuicEvent.PacketReceived e ->
                packet(lines, time, "packet_received", e.type(), e.packetNumber(), e.length(), frames);
            case QuicEvent.PacketDropped e -> dropped(lines, time, e.reason(), e.length());
            case QuicEvent.PacketBuffered e -> buffered(lines, time, e.type(), e.length());
            case QuicEvent.FrameProcessed _ -> throw new IllegalStateException("frames travel with their packet");
            case QuicEvent.PacketsLost e -> lost(lines, time, e.packets());
            case QuicEvent.MetricsUpdated e -> metrics(lines, time, e);
            case QuicEvent.KeysInstalled e ->
                key(lines, time, "key_updated", keyType(e.level(), e.write() == client), "tls");
            case QuicEvent.KeysDiscarded e -> {
                key(lines, time, "key_discarded", keyType(e.level(), true), "tls");
                key(lines, time, "key_discarded", keyType(e.level(), false), "tls");
            }
            case QuicEvent.KeyUpdated e -> {
                String trigger = e.byPeer() ? "remote_update" : "local_update";
                key(lines, time, "key_updated", "client_1rtt_secret", trigger);
                key(lines, time, "key_updated", "server_1rtt_secret", trigger);
            }
            case QuicEvent.PathChallenged e -> migration(lines, time, "probing_started", e.path());
            case QuicEvent.PathValidated e -> validated(lines, time, e.path());
            case QuicEvent.PathAbandoned e -> migration(lines, time, "migration_abandoned", e.current());
            case QuicEvent.RetryReceived _ -> retry(lines, time);
            case QuicEvent.ProbeTimeout e -> probe(lines, time, e.ptoCount());
            case QuicEvent.ConnectionClosed e -> closed(lines, time, e.reason());
        }
    }

    private void started(StringBuilder lines, long time, NetPath path) {
        begin(time, "connection_started");
        tuple("local", path.local());
        tuple("remote", path.remote());
        end(lines);
    }

    private void handshakeComplete(StringBuilder lines, long time, String alpn) {
        state(lines, time, "handshake_complete");
        begin(time, "alpn_information");
        out.name("chosen_alpn").open('{').field("string_value", alpn).close('}');
        end(lines);
    }

    private void packet(
            StringBuilder lines,
            long time,
            String event,
            PacketType type,
            long number,
            int length,
            @Nullable String frames) {
        begin(time, event);
        header(type, number);
        raw(length);
        if (frames != null) {
            out.name("frames").open('[').raw(frames).close(']');
        }
        end(lines);
    }

    private void dropped(StringBuilder lines, long time, DropReason reason, int length) {
        begin(time, "packet_dropped");
        raw(length);
        out.field("trigger", trigger(reason)).name("details").open('{');
        out.field("reason", lower(reason)).close('}');
        end(lines);
    }

    private void buffered(StringBuilder lines, long time, PacketType type, int length) {
        begin(time, "packet_buffered");
        header(type, -1);
        raw(length);
        out.field("trigger", "keys_unavailable");
        end(lines);
    }

    private void lost(StringBuilder lines, long time, long packets) {
        begin(time, "packet_lost");
        out.field("packet_count", packets); // ours: the core counts them in batches
        end(lines);
    }

    private void metrics(StringBuilder lines, long time, QuicEvent.MetricsUpdated m) {
        begin(time, "recovery_metrics_updated");
        out.fieldMillis("min_rtt", m.minRtt()).fieldMillis("smoothed_rtt", m.smoothedRtt());
        out.fieldMillis("latest_rtt", m.latestRtt()).fieldMillis("rtt_variance", m.rttVariance());
        out.field("congestion_window", m.congestionWindow()).field("bytes_in_flight", m.bytesInFlight());
        end(lines);
    }

    private void validated(StringBuilder lines, long time, NetPath path) {
        migration(lines, time, "migration_complete", path);
        begin(time, "tuple_assigned");
        out.field("tuple_id", "");
        tuple("tuple_remote", path.remote());
        tuple("tuple_local", path.local());
        end(lines);
    }

    private void retry(StringBuilder lines, long time) {
        begin(time, "packet_received");
        header(PacketType.RETRY, -1);
        end(lines);
    }

    private void probe(StringBuilder lines, long time, int ptoCount) {
        begin(time, "timer_updated");
        out.field("timer_type", "pto").field("event_type", "expired");
        end(lines);
        begin(time, "recovery_metrics_updated");
        out.field("pto_count", ptoCount);
        end(lines);
    }

    private void begin(long time, String name) {
        out.clear().open('{').fieldMillis("time", time).field("name", "quic:" + name);
        out.name("data").open('{');
    }

    private void end(StringBuilder lines) {
        out.close('}').close('}');
        lines.append('\u001e').append(out).append('\n'); // RFC 7464
    }

    private void state(StringBuilder lines, long time, String state) {
        begin(time, "connection_state_updated");
        out.field("new", state);
        end(lines);
    }

    private void header(PacketType type, long number) {
        out.name("header").open('{').field("packet_type", name(type));
        if (number >= 0) {
            out.field("packet_number", number);
        }
        out.close('}');
    }

    private void raw(int length) {
        out.name("raw").open('{').field("length", length).close('}');
    }

    private void tuple(String name, @Nullable InetSocketAddress address) {
        out.name(name).open('{');
        if (address != null && address.getAddress() != null) {
            boolean v4 = address.getAddress() instanceof Inet4Address;
            out.field(v4 ? "ip_v4" : "ip_v6", address.getAddress().getHostAddress());
            out.field(v4 ? "port_v4" : "port_v6", address.getPort());
        }
        out.close('}');
    }

    private void migration(StringBuilder lines, long time, String state, NetPath path) {
        begin(time, "migration_state_updated");
        out.field("new", state);
        tuple("tuple_remote", path.remote());
        tuple("tuple_local", path.local());
        end(lines);
    }

    private void key(StringBuilder lines, long time, String event, String type, String trigger) {
        begin(time, event);
        out.field("key_type", type).field("trigger", trigger);
        end(lines);
    }

    private static String keyType(String level, boolean clients) {
        String side = clients ? "client_" : "server_";
        return side
                + switch (level) {
                    case "INITIAL" -> "initial_secret";
                    case "HANDSHAKE" -> "handshake_secret";
                    case "EARLY_DATA", "ZERO_RTT" -> "0rtt_secret";
                    default -> "1rtt_secret";
                };
    }

    private static String name(PacketType type) {
        return switch (type) {
            case INITIAL -> "initial";
            case ZERO_RTT -> "0RTT";
            case HANDSHAKE -> "handshake";
            case RETRY -> "retry";
            case VERSION_NEGOTIATION -> "version_negotiation";
            case ONE_RTT -> "1RTT";
        };
    }

    private static String trigger(DropReason reason) {
        return switch (reason) {
            case MALFORMED_HEADER, TOO_SHORT, SMALL_INITIAL, FIXED_BIT_CLEAR, BAD_RETRY, BAD_VERSION_NEGOTIATION ->
                "invalid";
            case OTHER_CONNECTION_ID, OTHER_SOURCE_ID -> "connection_unknown";
            case OTHER_VERSION -> "unsupported";
            case KEYS_DISCARDED, KEYS_MISSING, ZERO_RTT -> "key_unavailable";
            case NOT_AUTHENTIC -> "decryption_failure";
            case DUPLICATE -> "duplicate";
            case PATH_REFUSED -> "rejected";
            case CLOSING -> "general";
        };
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private void closed(StringBuilder lines, long time, CloseReason reason) {
        begin(time, "connection_closed");
        switch (reason.kind()) {
            case LOCAL_APPLICATION, LOCAL_TRANSPORT, HANDSHAKE_TIMEOUT, ENDPOINT_CLOSED, IDLE_TIMEOUT ->
                out.field("initiator", "local");
            case PEER_APPLICATION, PEER_TRANSPORT, STATELESS_RESET, VERSION_NEGOTIATION ->
                out.field("initiator", "remote");
        }
        String trigger = switch (reason.kind()) {
            case LOCAL_APPLICATION, PEER_APPLICATION -> {
                out.field("application_error", "unknown").field("error_code", reason.code());
                yield "application";
            }
            case LOCAL_TRANSPORT, PEER_TRANSPORT -> {
                QlogFrames.transportError(out, "connection_error", reason.code());
                yield "error";
            }
            case IDLE_TIMEOUT -> "idle_timeout";
            case STATELESS_RESET -> "stateless_reset";
            case VERSION_NEGOTIATION -> "version_mismatch";
            case HANDSHAKE_TIMEOUT, ENDPOINT_CLOSED -> "aborted";
        };
        out.field("reason", reason.reason()).field("trigger", trigger);
        end(lines);
    }
}
