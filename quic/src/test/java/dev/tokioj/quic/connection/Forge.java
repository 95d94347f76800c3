package dev.tokioj.quic.connection;

import dev.tokioj.quic.crypto.InitialKeys;
import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.Version;
import java.util.Arrays;
import java.util.function.Consumer;

/** Makes packets that are authentic and that no honest endpoint would send. */
final class Forge {
    private static final int TAG = PacketKeys.TAG_LENGTH;

    private Forge() {}

    static Transport transport(Connection c) {
        Transport t = c.transport();
        if (t == null) {
            throw new AssertionError("closed");
        }
        return t;
    }

    /** A packet of {@code c} with these frames; {@code header} may change the header before it is sealed. */
    static byte[] packet(
            Connection c, PacketSpace space, long now, Consumer<ByteWriter> frames, Consumer<byte[]> header) {
        Transport t = transport(c);
        byte[] buf = new byte[1500];
        var w = new ByteWriter().reset(buf, 0, buf.length - TAG);
        long pn = space.beginPacket(t.dice, 1_000_000);
        int pnLength = 4; // so that a packet without frames is long enough for header protection
        ConnectionId to = t.paths.active().cid().id();
        int lengthAt = -1;
        if (space.isApplication()) {
            PacketHeader.writeShort(w, to, false, space.keyPhaseBit(), pn, pnLength);
        } else {
            lengthAt = PacketHeader.writeLong(w, space.type, t.version, to, t.sourceId, t.token, pn, pnLength);
        }
        int headerLength = w.position();
        frames.accept(w);
        while (w.position() - headerLength > 0 && w.position() - headerLength < 4) {
            w.u8(0);
        }
        header.accept(buf);
        int payload = w.position() - headerLength;
        if (lengthAt >= 0) {
            PacketHeader.setLength(buf, lengthAt, pnLength + payload + TAG);
        }
        int length = space.seal(buf, 0, headerLength, payload, pn);
        t.loss.onPacketSent(space.id, now, length, true, true, 0);
        space.packetSent();
        return Arrays.copyOf(buf, length);
    }

    /** A 1-RTT packet of {@code c} with these frames. */
    static byte[] oneRtt(Connection c, long now, Consumer<ByteWriter> frames) {
        return packet(c, transport(c).application, now, frames, _ -> {});
    }

    /** A client's first Initial, of a client that exists nowhere else. */
    static byte[] initial(ConnectionId dcid, ConnectionId scid, byte[] token, int size, Consumer<ByteWriter> frames) {
        byte[] buf = new byte[Math.max(size, 1500)];
        var w = new ByteWriter().reset(buf, 0, buf.length - TAG);
        int lengthAt = PacketHeader.writeLong(w, PacketType.INITIAL, Version.V1, dcid, scid, token, 0, 1);
        int headerLength = w.position();
        frames.accept(w);
        int missing = size - TAG - w.position();
        if (missing > 0) {
            w.zeros(missing);
        }
        int payload = w.position() - headerLength;
        PacketHeader.setLength(buf, lengthAt, 1 + payload + TAG);
        int length = InitialKeys.client(dcid, Version.V1).seal(buf, 0, headerLength, payload, 0);
        return Arrays.copyOf(buf, length);
    }
}
