package dev.tokioj.sim;

import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.wire.ByteReader;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.PacketNumber;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportException;
import dev.tokioj.quic.wire.TransportParameters;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.EncryptionLevel;
import dev.tokioj.tls.TlsAlertException;
import dev.tokioj.tls.TlsEngine;
import dev.tokioj.tls.TlsEvent;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One side of a connection that misbehaves on demand. It shakes hands honestly with the keys that result, retransmits nothing
 * and follows no rule afterwards: a test says which frames go into which packet, valid or not, and reads what the other side
 * answers. For links that lose nothing.
 */
public abstract sealed class RawPeer implements Node permits RawClient, RawServer {
    private static final int CRYPTO_PER_PACKET = 1000;
    static final int CID_LENGTH = 8;
    private static final int PN_LENGTH = 4;
    private static final int DATAGRAM = 1200;
    private static final int MAX_PACKET = 16_000;

    /** What one level of encryption needs. */
    private static final class Level {
        @Nullable PacketKeys read;

        @Nullable PacketKeys write;

        long nextPacketNumber;
        long largestReceived = -1;
        long cryptoSent;
        long cryptoReceived;
    }

    /** A frame of the other side's, with the packet it came in. */
    public record Received(PacketType packet, long packetNumber, Frame frame) {}

    private final Simulation simulation;
    private final Network network;
    private final InetSocketAddress address;
    final SeededRandom random;
    private final Map<PacketType, Level> levels = new EnumMap<>(PacketType.class);
    private final ConnectionId source;
    private final List<Received> received = new ArrayList<>();
    private final List<byte[]> heldBack = new ArrayList<>();
    final PacketHeader header = new PacketHeader();
    private @Nullable ConnectionId destination;
    private @Nullable InetSocketAddress peer;
    private @Nullable PacketType withheld;
    private @Nullable TlsEngine tls;
    private byte[] token = new byte[0];
    private boolean acknowledges = true;
    private boolean reacts = true;
    private boolean complete;
    private boolean keepsFrames = true;
    private long datagramsReceived;
    private long bytesReceived;
    private long bytesSent;
    private @Nullable TlsAlertException alert;

    RawPeer(Simulation simulation, Network network, LinkProfile link) {
        this.simulation = simulation;
        this.network = network;
        this.address = network.nextAddress();
        this.random = simulation.hostRandom();
        this.source = ConnectionId.random(random, CID_LENGTH);
        for (PacketType type : List.of(PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ONE_RTT)) {
            levels.put(type, new Level());
        }
        network.attach(this, address, link, link);
    }

    /** Who it speaks to, and with which keys at first. */
    final void begin(InetSocketAddress to, ConnectionId first, PacketKeys read, PacketKeys write) {
        peer = to;
        destination = first;
        level(PacketType.INITIAL).read = read;
        level(PacketType.INITIAL).write = write;
    }

    /** Shakes hands with this engine. */
    final void shakeHands(TlsEngine engine) {
        tls = engine;
        try {
            engine.start();
        } catch (TlsAlertException e) {
            throw new IllegalStateException(e);
        }
        pump();
    }

    /** A datagram came, before anything of it is opened. */
    abstract void onDatagram(Datagram datagram);

    /** A packet with a long header came, before it is opened. */
    abstract void onLongHeader(PacketHeader seen);

    /** The handshake is complete on this side. */
    abstract void onComplete();

    /** Transport parameters that an honest peer would send; a test may build on them. */
    public final TransportParameters.Builder parameters() {
        return TransportParameters.builder()
                .initialSourceConnectionId(source)
                .initialMaxData(1 << 24)
                .initialMaxStreamDataBidiLocal(1 << 22)
                .initialMaxStreamDataBidiRemote(1 << 22)
                .initialMaxStreamDataUni(1 << 22)
                .initialMaxStreamsBidi(100)
                .initialMaxStreamsUni(100)
                .maxIdleTimeout(30_000);
    }

    /** Whether the handshake is complete on this side. */
    public final boolean isComplete() {
        return complete;
    }

    /** Why this side's TLS gave up, or null. */
    public final @Nullable TlsAlertException alert() {
        return alert;
    }

    /** Whether packets that ask for it are acknowledged at once (they are, until this says otherwise). */
    public final void acknowledge(boolean value) {
        acknowledges = value;
    }

    /** Whether it reads what comes at all; a spoofer never does. */
    public final void reacts(boolean value) {
        reacts = value;
    }

    /** Sends no more handshake bytes of this level by itself: such as a client's Finished. */
    public final void withhold(PacketType level) {
        withheld = level;
    }

    /** The token of its Initial packets from now on. */
    public final void token(byte[] value) {
        token = value.clone();
    }

    /** Whether frames are kept for {@link #received}; long campaigns switch it off. */
    public final void keepFrames(boolean value) {
        keepsFrames = value;
    }

    /** Frames of the other side, in the order they came. */
    public final List<Received> received() {
        return received;
    }

    /** Frames of one kind. */
    public final <T extends Frame> List<T> received(Class<T> kind) {
        return received.stream()
                .map(Received::frame)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** The CONNECTION_CLOSE that came first, or null. */
    public final Frame.@Nullable ConnectionClose closed() {
        List<Frame.ConnectionClose> closes = received(Frame.ConnectionClose.class);
        return closes.isEmpty() ? null : closes.getFirst();
    }

    /** Datagrams that came. */
    public final long datagramsReceived() {
        return datagramsReceived;
    }

    /** Bytes of the datagrams that came. */
    public final long bytesReceived() {
        return bytesReceived;
    }

    /** Bytes of the datagrams that were sent. */
    public final long bytesSent() {
        return bytesSent;
    }

    /** Its address. */
    public final InetSocketAddress address() {
        return address;
    }

    /** The connection ID it gave itself. */
    public final ConnectionId source() {
        return source;
    }

    /** The connection ID of the other side that it uses. */
    public final ConnectionId destination() {
        return Objects.requireNonNull(destination, "nothing came yet");
    }

    /** Uses another connection ID of the other side from now on. */
    public final void destination(ConnectionId other) {
        destination = other;
    }

    /** Whether it can seal such packets by now. */
    public final boolean hasKeys(PacketType type) {
        return level(type).write != null;
    }

    /** The next packet number of a kind of packet. */
    public final long nextPacketNumber(PacketType type) {
        return level(type).nextPacketNumber;
    }

    /** Leaves packet numbers out. */
    public final void skipPacketNumbers(PacketType type, long count) {
        level(type).nextPacketNumber += count;
    }

    /** Sends one packet, in a datagram of its own, with whatever frames are written. */
    public final void send(PacketType type, Consumer<ByteWriter> frames) {
        sendDatagram(seal(type, frames));
    }

    /** Sends a datagram as it is. */
    public final void sendDatagram(byte[] bytes) {
        bytesSent += bytes.length;
        network.send(new Datagram(bytes, address, Objects.requireNonNull(peer, "nothing came yet"), 0));
    }

    /** Seals a packet and does not send it. Initial ones are padded so that their datagram has 1200 bytes. */
    public final byte[] seal(PacketType type, Consumer<ByteWriter> frames) {
        return seal(type, frames, _ -> {});
    }

    /** As the other; {@code change} may change the header's first byte and what follows before the packet is protected. */
    public final byte[] seal(PacketType type, Consumer<ByteWriter> frames, Consumer<byte[]> change) {
        Level level = level(type);
        if (level.write == null) {
            throw new IllegalStateException("no keys for " + type + " yet");
        }
        byte[] buf = new byte[MAX_PACKET + 256];
        ByteWriter w = new ByteWriter().reset(buf, 0, MAX_PACKET);
        long pn = level.nextPacketNumber++;
        int lengthAt = -1;
        if (type == PacketType.ONE_RTT) {
            PacketHeader.writeShort(w, destination(), false, false, pn, PN_LENGTH);
        } else {
            lengthAt = PacketHeader.writeLong(w, type, Version.V1, destination(), source, token, pn, PN_LENGTH);
        }
        int headerLength = w.position();
        frames.accept(w);
        if (type == PacketType.INITIAL) {
            w.zeros(Math.max(0, DATAGRAM - PacketKeys.TAG_LENGTH - w.position()));
        }
        int payload = w.position() - headerLength;
        if (lengthAt >= 0) {
            PacketHeader.setLength(buf, lengthAt, PN_LENGTH + payload + PacketKeys.TAG_LENGTH);
        }
        change.accept(buf);
        int length = level.write.seal(buf, 0, headerLength, payload, pn);
        return Arrays.copyOf(buf, length);
    }

    @Override
    public final void deliver(Datagram datagram) {
        datagramsReceived++;
        bytesReceived += datagram.bytes().length;
        if (reacts) {
            onDatagram(datagram);
            open(datagram.bytes());
        }
    }

    private void open(byte[] bytes) {
        int at = 0;
        while (at < bytes.length && header.parse(bytes, at, bytes.length, CID_LENGTH) == PacketHeader.Outcome.PACKET) {
            int next = header.packetEnd();
            PacketType type = header.type();
            Level level = levels.get(type);
            if (level == null) {
                return;
            }
            if (level.read == null) {
                heldBack.add(Arrays.copyOfRange(bytes, at, bytes.length));
                return;
            }
            if (header.isLong()) {
                onLongHeader(header);
            }
            openPacket(type, level, level.read, bytes, at, next);
            at = next;
        }
    }

    private void openPacket(PacketType type, Level level, PacketKeys keys, byte[] bytes, int start, int end) {
        int pnOffset = header.pnOffset();
        int pnLength = keys.unprotectHeader(bytes, start, pnOffset);
        long pn = PacketNumber.decode(
                level.largestReceived, PacketNumber.truncated(bytes, pnOffset, pnLength), pnLength * 8);
        int headerLength = pnOffset + pnLength - start;
        int plain = keys.open(bytes, start, headerLength, end - start - headerLength, pn);
        if (plain < 0) {
            return;
        }
        level.largestReceived = Math.max(level.largestReceived, pn);
        boolean asksForAck = false;
        int payload = start + headerLength;
        ByteReader reader = new ByteReader().reset(bytes, payload, payload + plain);
        try {
            while (reader.remaining() > 0) {
                Frame frame = FrameCodec.read(reader, type);
                asksForAck |= !(frame instanceof Frame.Ack
                        || frame instanceof Frame.Padding
                        || frame instanceof Frame.ConnectionClose);
                if (keepsFrames || frame instanceof Frame.ConnectionClose) {
                    received.add(new Received(type, pn, frame));
                }
                if (frame instanceof Frame.Crypto crypto) {
                    onCrypto(type, level, crypto);
                }
            }
        } catch (TransportException e) {
            throw new IllegalStateException("seed " + simulation.seed() + ": the other side sent nonsense", e);
        }
        if (asksForAck && acknowledges && level.write != null) {
            send(type, w -> FrameCodec.writeAck(w, 0, new long[] {pn, pn}, 0, 1, -1, -1, -1));
        }
        pump();
    }

    private void onCrypto(PacketType type, Level level, Frame.Crypto crypto) {
        long skip = level.cryptoReceived - crypto.offset();
        if (tls == null || skip < 0 || skip >= crypto.len() || alert != null) {
            return;
        }
        level.cryptoReceived = crypto.offset() + crypto.len();
        try {
            tls.receive(encryption(type), crypto.buf(), crypto.off() + (int) skip, crypto.len() - (int) skip);
        } catch (TlsAlertException e) {
            alert = e;
        }
    }

    private void pump() {
        if (tls == null || alert != null) {
            return;
        }
        for (TlsEvent event = tls.poll(); event != null; event = tls.poll()) {
            switch (event) {
                case TlsEvent.CryptoData data -> {
                    if (packet(data.level()) != withheld) {
                        sendCrypto(packet(data.level()), data.data());
                    }
                }
                case TlsEvent.ReadSecret secret -> {
                    level(packet(secret.level())).read = PacketKeys.of(secret.suite(), secret.secret(), Version.V1);
                    List<byte[]> waiting = List.copyOf(heldBack);
                    heldBack.clear();
                    waiting.forEach(this::open);
                }
                case TlsEvent.WriteSecret secret ->
                    level(packet(secret.level())).write = PacketKeys.of(secret.suite(), secret.secret(), Version.V1);
                case TlsEvent.NeedsWork needed -> {
                    needed.work().run();
                    try {
                        tls.resume(needed.work());
                    } catch (TlsAlertException e) {
                        alert = e;
                        return;
                    }
                }
                case TlsEvent.PeerTransportParameters _ -> {}
                case TlsEvent.Complete _ -> {
                    complete = true;
                    onComplete();
                }
            }
        }
    }

    /** Sends handshake bytes at the offset that comes next. */
    public final void sendCrypto(PacketType type, byte[] data) {
        Level level = level(type);
        for (int at = 0; at < data.length; at += CRYPTO_PER_PACKET) {
            int from = at;
            int length = Math.min(CRYPTO_PER_PACKET, data.length - at);
            send(type, w -> {
                FrameCodec.writeCryptoHeader(w, level.cryptoSent, length);
                w.bytes(data, from, length);
            });
            level.cryptoSent += length;
        }
    }

    private Level level(PacketType type) {
        Level level = levels.get(type);
        if (level == null) {
            throw new IllegalArgumentException("no such packets here: " + type);
        }
        return level;
    }

    private static PacketType packet(EncryptionLevel level) {
        return switch (level) {
            case INITIAL -> PacketType.INITIAL;
            case EARLY_DATA -> PacketType.ZERO_RTT;
            case HANDSHAKE -> PacketType.HANDSHAKE;
            case APPLICATION -> PacketType.ONE_RTT;
        };
    }

    private static EncryptionLevel encryption(PacketType type) {
        return switch (type) {
            case INITIAL -> EncryptionLevel.INITIAL;
            case ZERO_RTT -> EncryptionLevel.EARLY_DATA;
            case HANDSHAKE -> EncryptionLevel.HANDSHAKE;
            case ONE_RTT -> EncryptionLevel.APPLICATION;
            case RETRY, VERSION_NEGOTIATION -> throw new IllegalArgumentException(type + " has no keys");
        };
    }
}
