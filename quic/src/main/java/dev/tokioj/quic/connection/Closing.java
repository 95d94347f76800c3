package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.path.Path;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a closed connection (RFC 9000 10.2): under which IDs packets still come, what to answer them with, and until
 * when. Answers come ever more rarely: to the 1st, 2nd, 4th, 8th... datagram; and to an address that was never proved at most
 * three bytes for each that came, as before the close (RFC 9000 8.1).
 */
final class Closing {
    /** Probe timeouts for which a closed connection is remembered (RFC 9000 10.2). */
    private static final int CLOSE_PTOS = 3;

    /** Bytes of reason phrase that we send. */
    private static final int MAX_REASON = 200;

    private final byte @Nullable [] packet;
    private final Path path;
    private final long until;
    private final List<ConnectionId> ids;
    private final List<byte[]> peerTokens;
    private boolean due;
    private long received;
    private long answerAt = 1;

    /**
     * @param packet the CONNECTION_CLOSE to answer with, or null: draining, nothing is sent
     * @param path where it goes; what comes and goes counts with what did before
     * @param until ns, three probe timeouts from now
     */
    Closing(byte @Nullable [] packet, Path path, long until, List<ConnectionId> ids, List<byte[]> peerTokens) {
        this.packet = packet;
        this.path = path;
        this.until = until;
        this.ids = ids;
        this.peerTokens = peerTokens;
        this.due = packet != null;
    }

    /**
     * Of a connection that is about to lose its transport.
     *
     * @param next where in its life it will be: if {@code CLOSING}, the peer is told
     */
    static Closing of(Transport t, CloseReason reason, Connection.State next, long now) {
        byte[] packet = next == Connection.State.CLOSING ? closePacket(t, reason, now) : null;
        long until = next == Connection.State.CLOSED ? now : now + CLOSE_PTOS * t.loss.pto();
        return new Closing(packet, t.paths.lastProved(), until, t.localCids.all(), t.remoteCids.usedTokens());
    }

    private static byte @Nullable [] closePacket(Transport t, CloseReason reason, long now) {
        String text = reason.reason();
        boolean application = reason.kind() != CloseReason.Kind.LOCAL_TRANSPORT;
        var frame = new Frame.ConnectionClose(
                reason.code(),
                application ? -1 : Math.max(0, reason.frameType()),
                text.length() > MAX_REASON ? text.substring(0, MAX_REASON) : text,
                application);
        try {
            return t.assembler.close(frame, now);
        } catch (RuntimeException e) {
            t.connection.report("cannot say that it closes", e);
            return null;
        }
    }

    /** A datagram came. */
    void onReceived(int bytes, NetPath from) {
        if (from.equals(path.net())) {
            path.limit().received(bytes);
        }
        if (packet != null && ++received >= answerAt) {
            answerAt *= 2;
            due = true;
        }
    }

    /** Whether the close is to be sent. */
    boolean isDue() {
        return due && packet != null && packet.length <= path.limit().allowance();
    }

    /** Writes the close. */
    boolean transmit(Transmit out, Connection owner) {
        if (!isDue() || packet == null) {
            return false;
        }
        due = false;
        path.limit().sent(packet.length);
        System.arraycopy(packet, 0, out.buf, 0, packet.length);
        out.set(packet.length, packet.length, path.net(), 0, owner);
        return true;
    }

    /** Whether the peer has proved to be where answers go. */
    boolean isPathProved() {
        return path.isValidated();
    }

    /** When all is forgotten. */
    long until() {
        return until;
    }

    /** IDs of ours that are still known. */
    List<ConnectionId> ids() {
        return ids;
    }

    /** Reset tokens of the peer that still count. */
    List<byte[]> peerTokens() {
        return peerTokens;
    }
}
