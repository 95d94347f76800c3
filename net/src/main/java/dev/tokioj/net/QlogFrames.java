package dev.tokioj.net;

import dev.tokioj.quic.wire.AckRanges;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportError;
import java.util.HexFormat;
import java.util.Locale;

/**
 * QUIC frames as qlog has them (draft-ietf-quic-qlog-quic-events, "QUIC Frames"). No payload and no token is written: a log is
 * for people who may not read the traffic. One thread.
 */
final class QlogFrames {
    private final AckRanges ranges = new AckRanges();

    /** Appends one frame object. {@code ackDelayExponent} is the sender's, to turn ACK Delay into time. */
    void write(JsonText out, Frame frame, int ackDelayExponent) {
        out.open('{');
        switch (frame) {
            case Frame.Padding(int length) ->
                type(out, "padding").name("raw").raw("{\"payload_length\":" + length + "}");
            case Frame.Ping _ -> type(out, "ping");
            case Frame.Ack ack -> ack(out, ack, ackDelayExponent);
            case Frame.ResetStream(long id, long code, long finalSize) -> {
                applicationError(type(out, "reset_stream").field("stream_id", id), code);
                out.field("final_size", finalSize);
            }
            case Frame.StopSending(long id, long code) ->
                applicationError(type(out, "stop_sending").field("stream_id", id), code);
            case Frame.Crypto c -> length(type(out, "crypto").field("offset", c.offset()), c.len());
            case Frame.NewToken t -> {
                type(out, "new_token").name("token").open('{').field("type", "resumption");
                length(out, t.len()).close('}');
            }
            case Frame.Stream s -> {
                type(out, "stream").field("stream_id", s.streamId()).field("offset", s.offset());
                length(out.field("fin", s.fin()), s.len());
            }
            case Frame.MaxData(long maximum) -> type(out, "max_data").field("maximum", maximum);
            case Frame.MaxStreamData(long id, long maximum) ->
                type(out, "max_stream_data").field("stream_id", id).field("maximum", maximum);
            case Frame.MaxStreams(boolean bidirectional, long maximum) ->
                streamType(type(out, "max_streams"), bidirectional).field("maximum", maximum);
            case Frame.DataBlocked(long limit) -> type(out, "data_blocked").field("limit", limit);
            case Frame.StreamDataBlocked(long id, long limit) ->
                type(out, "stream_data_blocked").field("stream_id", id).field("limit", limit);
            case Frame.StreamsBlocked(boolean bidirectional, long limit) ->
                streamType(type(out, "streams_blocked"), bidirectional).field("limit", limit);
            case Frame.NewConnectionId n ->
                type(out, "new_connection_id")
                        .field("sequence_number", n.sequenceNumber())
                        .field("retire_prior_to", n.retirePriorTo())
                        .field("connection_id", n.connectionId().toString());
            case Frame.RetireConnectionId(long sequenceNumber) ->
                type(out, "retire_connection_id").field("sequence_number", sequenceNumber);
            case Frame.PathChallenge(long data) -> type(out, "path_challenge").field("data", hex(data));
            case Frame.PathResponse(long data) -> type(out, "path_response").field("data", hex(data));
            case Frame.ConnectionClose c -> close(out, c);
            case Frame.HandshakeDone _ -> type(out, "handshake_done");
            case Frame.Datagram d -> length(type(out, "datagram"), d.len());
        }
        out.close('}');
    }

    private static JsonText type(JsonText out, String type) {
        return out.field("frame_type", type);
    }

    private static JsonText length(JsonText out, int payload) {
        return out.name("raw").open('{').field("payload_length", payload).close('}');
    }

    private static JsonText streamType(JsonText out, boolean bidirectional) {
        return out.field("stream_type", bidirectional ? "bidirectional" : "unidirectional");
    }

    private static String hex(long data) {
        return HexFormat.of().toHexDigits(data);
    }

    /** An application's codes have no names here: "unknown" and the number, as the draft says. */
    private static JsonText applicationError(JsonText out, long code) {
        return out.field("error", "unknown").field("error_code", code);
    }

    private void ack(JsonText out, Frame.Ack ack, int ackDelayExponent) {
        // An absurd delay would overflow; the draft has no better word for it than the largest there is.
        long micros = ack.ackDelay() > (Long.MAX_VALUE / 1000) >> ackDelayExponent
                ? Long.MAX_VALUE / 1000
                : ack.ackDelay() << ackDelayExponent;
        type(out, "ack")
                .fieldMillis("ack_delay", micros * 1000)
                .name("acked_ranges")
                .open('[');
        ranges.reset(ack);
        while (ranges.next()) {
            out.open('[').value(ranges.smallest());
            if (ranges.largest() != ranges.smallest()) {
                out.value(ranges.largest());
            }
            out.close(']');
        }
        out.close(']');
        if (ack.hasEcn()) {
            out.field("ect1", ack.ect1()).field("ect0", ack.ect0()).field("ce", ack.ce());
        }
    }

    private static void close(JsonText out, Frame.ConnectionClose c) {
        type(out, "connection_close").field("error_space", c.application() ? "application" : "transport");
        if (c.application()) {
            applicationError(out, c.errorCode());
        } else {
            transportError(out, "error", c.errorCode()).field("trigger_frame_type", c.frameType());
        }
        out.field("reason", c.reason());
    }

    /** A transport error by its name in the draft, and by its number where it has none. */
    static JsonText transportError(JsonText out, String field, long code) {
        long alert = code - TransportError.CRYPTO_ERROR;
        if (alert >= 0 && alert <= 0xff) {
            return out.field(field, "crypto_error_0x" + Long.toHexString(code));
        }
        String name = TransportError.name(code);
        boolean known = code >= 0 && code <= TransportError.NO_VIABLE_PATH.code();
        out.field(field, known ? name.toLowerCase(Locale.ROOT) : "unknown");
        return known ? out : out.field("error_code", code);
    }
}
