package dev.tokioj.sim;

import dev.tokioj.quic.crypto.InitialKeys;
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
import dev.tokioj.tls.TlsClientConfig;
import dev.tokioj.tls.TlsEngine;
import dev.tokioj.tls.TlsEvent;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A client that misbehaves on demand. It shakes hands honestly with the keys that result, retransmits nothing and follows no
 * rule afterwards: a test says which frames go into which packet, valid or not, and reads what the server answers.
 * For links that lose nothing.
 */
public final class RawClient implements Node {
    private static final int CRYPTO_PER_PACKET = 1000;
    private static final int CID_LENGTH = 8;
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

    /** A frame of the server's, with the packet it came in. */
    public record Received(PacketType packet, long packetNumber, Frame frame) {}

    private final Simulation simulation;
    private final Network network;
    private final InetSocketAddress address;
    private final InetSocketAddress server;
    private final SeededRandom random;
    private final Map<PacketType, Level> levels = new EnumMap<>(PacketType.class);
    private final ConnectionId originalDestination;
    private final ConnectionId source;
    private final List<Received> received = new ArrayList<>();
    private final List<byte[]> heldBack = new ArrayList<>();
    private final PacketHeader header = new PacketHeader();
    private ConnectionId destination;
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

    /** A client at a fresh address; nothing is sent yet. */
    public RawClient(Simulation simulation, Network network, LinkProfile link, InetSocketAddress server) {
        this.simulation = simulation;
        this.network = network;
        this.server = server;
        this.address = network.nextAddress();
        this.random = simulation.hostRandom();
        this.originalDestination = ConnectionId.random(random, CID_LENGTH);
        this.source = ConnectionId.random(random, CID_LENGTH);
        this.destination = originalDestination;
        for (PacketType type : List.of(PacketType.INITIAL, PacketType.HANDSHAKE, PacketType.ONE_RTT)) {
            levels.put(type, new Level());
        }
        level(PacketType.INITIAL).write = InitialKeys.client(originalDestination, Version.V1);
        level(PacketType.INITIAL).read = InitialKeys.server(originalDestination, Version.V1);
        network.attach(this, address, link, link);
    }

    /** Transport parameters that an honest client would send; a test may build on them. */
    public TransportParameters.Builder parameters() {
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

    /** Sends its ClientHello, with these transport parameters. */
    public void start(TlsClientConfig config, String serverName, byte[] transportParameters) {
        tls = TlsEngine.client(config, serverName, transportParameters);
        try {
            tls.start();
        } catch (TlsAlertException e) {
            throw new IllegalStateException(e);
        }
        pump();
    }

    /** Whether the handshake is complete on this side. */
    public boolean isComplete() {
        return complete;
    }

    /** Why this side's TLS gave up, or null. */
    public @Nullable TlsAlertException alert() {
        return alert;
    }

    /** Whether packets that ask for it are acknowledged at once (they are, until this says otherwise). */
    public void acknowledge(boolean value) {
        acknowledges = value;
    }

    /** Whether it reads what comes at all; a spoofer never does. */
    public void reacts(boolean value) {
        reacts = value;
    }

    /** The token of its Initial packets from now on. */
    public void token(byte[] value) {
        token = value.clone();
    }

    /** Whether frames are kept for {@link #received}; long campaigns switch it off. */
    public void keepFrames(boolean value) {
        keepsFrames = value;
    }

    /** Frames of the server, in the order they came. */
    public List<Received> received() {
        return received;
    }

    /** Frames of one kind. */
    public <T extends Frame> List<T> received(Class<T> kind) {
        return received.stream()
                .map(Received::frame)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** The CONNECTION_CLOSE that came first, or null. */
    public Frame.@Nullable ConnectionClose closed() {
        List<Frame.ConnectionClose> closes = received(Frame.ConnectionClose.class);
        return closes.isEmpty() ? null : closes.getFirst();
    }

    /** Datagrams that came. */
    public long datagramsReceived() {
        return datagramsReceived;
    }

    /** Bytes of the datagrams that came. */
    public long bytesReceived() {
        return bytesReceived;
    }

    /** Bytes of the datagrams that were sent. */
    public long bytesSent() {
        return bytesSent;
    }

    /** Its address. */
    public InetSocketAddress address() {
        return address;
    }

    /** The connection ID it gave itself. */
    public ConnectionId source() {
        return source;
    }

    /** The connection ID of the server that it uses. */
    public ConnectionId destination() {
        return destination;
    }

    /** Uses another connection ID of the server from now on. */
    public void destination(ConnectionId other) {
        destination = other;
    }

    /** Whether it can seal such packets by now. */
    public boolean hasKeys(PacketType type) {
        return level(type).write != null;
    }

    /** The next packet number of a kind of packet. */
    public long nextPacketNumber(PacketType type) {
        return level(type).nextPacketNumber;
    }

    /** Leaves packet numbers out. */
    public void skipPacketNumbers(PacketType type, long count) {
        level(type).nextPacketNumber += count;
    }

    /** Sends one packet, in a datagram of its own, with whatever frames are written. */
    public void send(PacketType type, Consumer<ByteWriter> frames) {
        sendDatagram(seal(type, frames));
    }

    /** Sends a datagram as it is. */
    public void sendDatagram(byte[] bytes) {
        bytesSent += bytes.length;
        network.send(new Datagram(bytes, address, server, 0));
    }

    /** Seals a packet and does not send it. Initial ones are padded so that their datagram has 1200 bytes. */
    public byte[] seal(PacketType type, Consumer<ByteWriter> frames) {
        Level level = level(type);
        if (level.write == null) {
            throw new IllegalStateException("no keys for " + type + " yet");
        }
        byte[] buf = new byte[MAX_PACKET + 256];
        ByteWriter w = new ByteWriter().reset(buf, 0, MAX_PACKET);
        long pn = level.nextPacketNumber++;
        int lengthAt = -1;
        if (type == PacketType.ONE_RTT) {
            PacketHeader.writeShort(w, destination, false, false, pn, PN_LENGTH);
        } else {
            lengthAt = PacketHeader.writeLong(w, type, Version.V1, destination, source, token, pn, PN_LENGTH);
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
        int length = level.write.seal(buf, 0, headerLength, payload, pn);
        return Arrays.copyOf(buf, length);
    }

    @Override
    public void deliver(Datagram datagram) {
        datagramsReceived++;
        bytesReceived += datagram.bytes().length;
        if (reacts) {
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
            if (type == PacketType.INITIAL && destination.equals(originalDestination)) {
                destination = header.scid();
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
            throw new IllegalStateException("seed " + simulation.seed() + ": the server sent nonsense", e);
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
                case TlsEvent.CryptoData data -> sendCrypto(packet(data.level()), data.data());
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
                case TlsEvent.Complete _ -> complete = true;
            }
        }
    }

    /** Sends handshake bytes at the offset that comes next. */
    public void sendCrypto(PacketType type, byte[] data) {
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
