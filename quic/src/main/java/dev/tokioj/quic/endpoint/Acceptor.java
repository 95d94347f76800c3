package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.crypto.InitialKeys;
import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.crypto.RetryIntegrity;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.Version;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A server's door (RFC 9000 5.2.2 and 8.1): what becomes of an Initial packet that belongs to no connection. Until it says
 * "come in" nothing is kept of it.
 */
final class Acceptor {
    /** A client's first Destination Connection ID has at least so many bytes (RFC 9000 7.2). */
    private static final int MIN_FIRST_ID = 8;

    /** A datagram with an Initial has at least so many (RFC 9000 14.1). */
    private static final int MIN_DATAGRAM = 1200;

    private static final byte[] NO_TOKEN = {};

    /** What a new connection is made of. */
    record Admission(
            Version version,
            ConnectionId originalDestinationId,
            ConnectionId keyId,
            ConnectionId clientId,
            @Nullable ConnectionId retrySourceId,
            boolean addressValidated) {}

    private final EndpointConfig config;
    private final Shared shared;
    private final Tokens tokens;
    private final CidGenerator cids;
    private final StatelessAnswers answers;

    Acceptor(EndpointConfig config, Shared shared, Tokens tokens, CidGenerator cids, StatelessAnswers answers) {
        this.config = config;
        this.shared = shared;
        this.tokens = tokens;
        this.cids = cids;
        this.answers = answers;
    }

    /**
     * An Initial packet at the beginning of a datagram.
     *
     * @return what to make a connection of, or null: it was dropped or answered
     */
    @Nullable Admission onInitial(PacketHeader header, byte[] buf, int datagram, NetPath from, long now) {
        int halfOpen = shared.halfOpen();
        Version version = header.version();
        if (version == null || datagram < MIN_DATAGRAM || header.dcidLength() < MIN_FIRST_ID) {
            return null;
        }
        ConnectionId to = header.dcid();
        ConnectionId client = header.scid();
        Tokens.Verdict verdict = tokens.check(now, buf, header.tokenOffset(), header.tokenLength(), from.remote());
        Admission admission = switch (verdict) {
            case Tokens.Verdict.None() -> new Admission(version, to, to, client, null, false);
            case Tokens.Verdict.Known() -> new Admission(version, to, to, client, null, true);
            case Tokens.Verdict.Retried(var original, var source) ->
                source.equals(to) ? new Admission(version, original, to, client, source, true) : null;
            case Tokens.Verdict.Invalid() -> null;
        };
        if (admission == null) {
            refuse(version, to, client, TransportError.INVALID_TOKEN, from, now);
            return null;
        }
        if (!admission.addressValidated && wantsRetry(halfOpen)) {
            retry(version, to, client, from, now);
            return null;
        }
        if (halfOpen >= config.maxHalfOpen()) {
            return null;
        }
        if (shared.connections() >= config.maxConnections()) {
            refuse(version, to, client, TransportError.CONNECTION_REFUSED, from, now);
            return null;
        }
        return admission;
    }

    private boolean wantsRetry(int halfOpen) {
        return switch (config.retry()) {
            case NEVER -> false;
            case WHEN_BUSY -> halfOpen >= config.retryThreshold();
            case ALWAYS -> true;
        };
    }

    private void retry(Version version, ConnectionId to, ConnectionId client, NetPath from, long now) {
        if (!answers.hasRoom()) {
            return;
        }
        ConnectionId source = cids.next();
        byte[] token = tokens.retry(now, from.remote(), to, source);
        var w = new ByteWriter().reset(new byte[256], 0, 256);
        PacketHeader.writeRetry(w, version, source.byteAt(source.length() - 1), client, source, token);
        RetryIntegrity.append(w, 0, to, version);
        answers.add(Arrays.copyOf(w.array(), w.position()), from);
    }

    /** Says no in one Initial packet and keeps nothing (RFC 9000 10.2.3). */
    void refuse(Version version, ConnectionId to, ConnectionId client, TransportError error, NetPath from, long now) {
        if (!answers.take(now)) {
            return;
        }
        byte[] buf = new byte[128];
        var w = new ByteWriter().reset(buf, 0, buf.length);
        int pnLength = 1;
        int lengthAt =
                PacketHeader.writeLong(w, PacketType.INITIAL, version, client, cids.next(), NO_TOKEN, 0, pnLength);
        int headerLength = w.position();
        FrameCodec.writeConnectionClose(
                w.reset(buf, headerLength, buf.length - PacketKeys.TAG_LENGTH), closeFor(error));
        int payload = w.position() - headerLength;
        PacketHeader.setLength(buf, lengthAt, pnLength + payload + PacketKeys.TAG_LENGTH);
        PacketKeys keys = InitialKeys.server(to, version);
        int length = keys.seal(buf, 0, headerLength, payload, 0);
        keys.destroy();
        answers.add(Arrays.copyOf(buf, length), from);
    }

    private static Frame.ConnectionClose closeFor(TransportError error) {
        return new Frame.ConnectionClose(error.code(), 0, "", false);
    }
}
