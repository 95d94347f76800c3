package dev.tokioj.quic.stream;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.recovery.Rtt;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.recovery.SentPackets;
import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.FrameCodec;
import org.jspecify.annotations.Nullable;

/**
 * What the streams have to send: data in the order of the scheduler, control frames, and the fate of each (RFC 9000 section
 * 13.3). Also the room for what the owner writes. Nothing here looks at a stream that has nothing to do.
 */
final class StreamOutput {
    // The greatest encodings: a type and integers of 8 bytes.
    private static final int ONE_NUMBER = 1 + 8;
    private static final int TWO_NUMBERS = 1 + 2 * 8;
    private static final int THREE_NUMBERS = 1 + 3 * 8;
    /** A STREAM frame of less data is not worth its header, unless that is all there is. */
    private static final int LEAST_DATA = 16;

    private final Streams streams;
    private final StreamsConfig config;
    private final StreamOwner owner;
    private final Intake intake;
    private final ReceiveWindow window;
    private final PeerStreams peerBidi;
    private final PeerStreams peerUni;
    private final LocalStreams localBidi;
    private final LocalStreams localUni;
    private final SendCredit credit = new SendCredit(0);
    // Lost data and lone FINs need no credit; new data does. So neither has to be searched for what may be sent.
    private final StreamScheduler repairs = new StreamScheduler();
    private final StreamScheduler fresh = new StreamScheduler();
    private final StreamQueue control = new StreamQueue();
    private final StreamQueue events = new StreamQueue();
    private final StreamQueue roomWaiters = new StreamQueue();
    // Room below this is not worth waking a writer.
    private final long worthwhileRoom;
    private long buffered;

    StreamOutput(
            Streams streams,
            StreamsConfig config,
            StreamOwner owner,
            Intake intake,
            ReceiveWindow window,
            PeerStreams peerBidi,
            PeerStreams peerUni,
            LocalStreams localBidi,
            LocalStreams localUni) {
        this.streams = streams;
        this.config = config;
        this.owner = owner;
        this.intake = intake;
        this.window = window;
        this.peerBidi = peerBidi;
        this.peerUni = peerUni;
        this.localBidi = localBidi;
        this.localUni = localUni;
        this.worthwhileRoom = Math.max(1, Math.min(config.sendBuffer(), config.connectionSendBuffer()) / 4);
    }

    long buffered() {
        return buffered;
    }

    void raiseCredit(long limit) {
        credit.raise(limit);
    }

    void prioritize(Stream stream, int urgency, boolean incremental) {
        repairs.prioritize(stream.repair, urgency, incremental);
        fresh.prioritize(stream.fresh, urgency, incremental);
    }

    /** Puts a stream where it belongs after something happened to it. */
    void update(Stream stream) {
        SendStream send = stream.send;
        if (send != null) {
            repairs.set(stream.repair, send.hasRepair());
            fresh.set(stream.fresh, send.hasNew());
            if (send.isDone() && stream.sendComplete == Delivery.NONE) {
                stream.sendComplete = Delivery.DUE;
                events.add(stream.event);
            }
        }
        if (stream.isControlDue()) {
            control.add(stream.control);
        }
    }

    // ---- room for the owner's writes ----

    int room(SendStream send) {
        long room = Math.min(ownRoom(send), config.connectionSendBuffer() - buffered);
        return (int) Math.max(0, room);
    }

    private long ownRoom(SendStream send) {
        return config.sendBuffer() - send.buffer.buffered();
    }

    private boolean hasConnectionRoom() {
        return config.connectionSendBuffer() - buffered >= worthwhileRoom;
    }

    int write(Stream stream, SendStream send, byte[] buf, int off, int len) {
        int n = Math.min(len, room(send));
        send.buffer.append(buf, off, n);
        buffered += n;
        if (n < len) {
            awaitRoom(stream, send);
        }
        update(stream);
        return n;
    }

    void writeOwned(Stream stream, SendStream send, byte[] chunk, int off, int len) {
        if (len > room(send)) {
            throw new IllegalArgumentException(len + " bytes into " + room(send));
        }
        send.buffer.appendOwned(chunk, off, len);
        buffered += len;
        update(stream);
    }

    void awaitRoom(Stream stream, SendStream send) {
        if (ownRoom(send) < worthwhileRoom) {
            stream.room = Stream.Room.OF_STREAM;
        } else {
            stream.room = Stream.Room.OF_CONNECTION;
            roomWaiters.add(stream.roomWait);
        }
    }

    /** Bytes of a stream are not held any more. */
    private void onFreed(Stream stream, SendStream send, long bytes) {
        buffered -= bytes;
        if (stream.room == Stream.Room.OF_STREAM && ownRoom(send) >= worthwhileRoom) {
            stream.room = Stream.Room.OF_CONNECTION;
            roomWaiters.add(stream.roomWait);
        }
    }

    void reset(Stream stream, SendStream send, long code) {
        buffered -= send.reset(code);
        stream.room = Stream.Room.ENOUGH;
    }

    void deliverEvents() {
        if (localBidi.takeAvailable()) {
            owner.onStreamsAvailable(true);
        }
        if (localUni.takeAvailable()) {
            owner.onStreamsAvailable(false);
        }
        for (Stream stream = events.poll(); stream != null; stream = events.poll()) {
            if (stream.sendComplete == Delivery.DUE) {
                stream.sendComplete = Delivery.ACKED;
                if (stream.hold == Stream.Hold.OWNED) {
                    owner.onSendComplete(stream.id);
                }
            }
        }
        // Who waits longest writes first. Each takes a good part of the room or has nothing to write, so this ends.
        while (hasConnectionRoom()) {
            Stream stream = roomWaiters.poll();
            if (stream == null) {
                return;
            }
            if (stream.room == Stream.Room.OF_CONNECTION && stream.hold == Stream.Hold.OWNED) {
                stream.room = Stream.Room.ENOUGH;
                owner.onStreamWritable(stream.id);
            }
        }
    }

    // ---- control frames ----

    boolean hasControl() {
        if (hasConnectionControl()) {
            return true;
        }
        for (Stream stream = control.peek(); stream != null; stream = control.peek()) {
            if (stream.isControlDue()) {
                return true;
            }
            control.poll();
        }
        return false;
    }

    private boolean hasConnectionControl() {
        return window.isDue()
                || peerBidi.announcement().isDue()
                || peerUni.announcement().isDue()
                || isDataBlockedDue()
                || localBidi.isBlockedDue()
                || localUni.isBlockedDue();
    }

    private boolean isDataBlockedDue() {
        return !fresh.isEmpty() && credit.isBlockedDue();
    }

    int writeControl(ByteWriter w, SentPackets packet, long now, Rtt rtt) {
        int before = packet.building();
        if (hasConnectionControl()) {
            writeConnectionControl(w, packet, now, rtt);
        }
        for (Stream stream = control.peek(); stream != null; stream = control.peek()) {
            if (stream.send != null) {
                writeSendControl(stream.id, stream.send, w, packet);
            }
            if (stream.recv != null) {
                writeRecvControl(stream.id, stream.recv, w, packet, now, rtt);
            }
            if (stream.isControlDue()) {
                break;
            }
            control.poll();
        }
        return packet.building() - before;
    }

    private void writeConnectionControl(ByteWriter w, SentPackets packet, long now, Rtt rtt) {
        if (window.isDue() && w.remaining() >= ONE_NUMBER) {
            long limit = window.announce(now, rtt, intake);
            FrameCodec.writeMaxData(w, limit);
            packet.add(SentFrame.MAX_DATA, limit, 0, 0);
        }
        writeMaxStreams(peerBidi.announcement(), true, w, packet);
        writeMaxStreams(peerUni.announcement(), false, w, packet);
        if (isDataBlockedDue() && w.remaining() >= ONE_NUMBER) {
            long limit = credit.signalBlocked();
            FrameCodec.writeDataBlocked(w, limit);
            packet.add(SentFrame.DATA_BLOCKED, limit, 0, 0);
        }
        writeStreamsBlocked(localBidi, true, w, packet);
        writeStreamsBlocked(localUni, false, w, packet);
    }

    private static void writeMaxStreams(MaxValue value, boolean bidirectional, ByteWriter w, SentPackets packet) {
        if (value.isDue() && w.remaining() >= ONE_NUMBER) {
            long limit = value.announce();
            FrameCodec.writeMaxStreams(w, bidirectional, limit);
            packet.add(bidirectional ? SentFrame.MAX_STREAMS_BIDI : SentFrame.MAX_STREAMS_UNI, limit, 0, 0);
        }
    }

    private static void writeStreamsBlocked(
            LocalStreams local, boolean bidirectional, ByteWriter w, SentPackets packet) {
        if (local.isBlockedDue() && w.remaining() >= ONE_NUMBER) {
            long limit = local.signalBlocked();
            FrameCodec.writeStreamsBlocked(w, bidirectional, limit);
            packet.add(bidirectional ? SentFrame.STREAMS_BLOCKED_BIDI : SentFrame.STREAMS_BLOCKED_UNI, limit, 0, 0);
        }
    }

    private static void writeSendControl(long id, SendStream send, ByteWriter w, SentPackets packet) {
        if (send.isResetDue() && w.remaining() >= THREE_NUMBERS) {
            FrameCodec.writeResetStream(w, id, send.resetCode(), send.finalSize());
            send.onResetSent();
            packet.add(SentFrame.RESET_STREAM, id, 0, 0);
        }
        if (send.isBlockedDue() && w.remaining() >= TWO_NUMBERS) {
            long limit = send.onBlockedSent();
            FrameCodec.writeStreamDataBlocked(w, id, limit);
            packet.add(SentFrame.STREAM_DATA_BLOCKED, id, limit, 0);
        }
    }

    private void writeRecvControl(long id, RecvStream recv, ByteWriter w, SentPackets packet, long now, Rtt rtt) {
        if (recv.isStopDue() && w.remaining() >= TWO_NUMBERS) {
            FrameCodec.writeStopSending(w, id, recv.stopCode());
            recv.onStopSent();
            packet.add(SentFrame.STOP_SENDING, id, 0, 0);
        }
        if (recv.isWindowDue() && w.remaining() >= TWO_NUMBERS) {
            long limit = recv.window.announce(now, rtt, intake);
            // One stream alone must not be held back by the connection's window.
            window.grow(recv.window.window() + recv.window.window() / 2);
            FrameCodec.writeMaxStreamData(w, id, limit);
            packet.add(SentFrame.MAX_STREAM_DATA, id, limit, 0);
        }
    }

    // ---- data ----

    boolean hasData() {
        return !repairs.isEmpty() || (credit.available() > 0 && !fresh.isEmpty());
    }

    int writeData(ByteWriter w, SentPackets packet) {
        int frames = 0;
        while (true) {
            Stream stream = repairs.peek();
            boolean isRepair = stream != null;
            if (stream == null && credit.available() > 0) {
                stream = fresh.peek();
            }
            if (stream == null || stream.send == null) {
                return frames;
            }
            boolean written =
                    isRepair ? writeRepair(stream, stream.send, w, packet) : writeNew(stream, stream.send, w, packet);
            if (!written) {
                return frames;
            }
            frames++;
            (isRepair ? repairs : fresh).onSent(isRepair ? stream.repair : stream.fresh);
            update(stream);
        }
    }

    private boolean writeRepair(Stream stream, SendStream send, ByteWriter w, SentPackets packet) {
        if (!send.buffer.hasLost()) {
            return writeFrame(stream.id, send, send.buffer.sent(), 0, w, packet);
        }
        return writeFrame(stream.id, send, send.buffer.lostFrom(), send.buffer.lostLength(), w, packet);
    }

    private boolean writeNew(Stream stream, SendStream send, ByteWriter w, SentPackets packet) {
        long from = send.buffer.sent();
        long allowed = Math.min(send.buffer.unsent(), Math.min(send.credit.available(), credit.available()));
        if (!writeFrame(stream.id, send, from, (int) Math.min(Integer.MAX_VALUE, allowed), w, packet)) {
            return false;
        }
        credit.use(send.buffer.sent() - from);
        return true;
    }

    /** Writes a STREAM frame of at most {@code len} bytes; false if there is no room for one that is worth it. */
    private static boolean writeFrame(long id, SendStream send, long from, int len, ByteWriter w, SentPackets packet) {
        int fits = FrameCodec.dataThatFits(w.remaining(), FrameCodec.streamHeaderSize(id, from, 0, true));
        int n = Math.min(len, fits);
        if (n < 0 || n < Math.min(len, LEAST_DATA)) {
            return false;
        }
        boolean fin = send.finAt(from + n);
        FrameCodec.writeStreamHeader(w, id, from, n, fin, false);
        if (n > 0) {
            send.buffer.copy(from, w.array(), w.reserve(n), n);
        }
        send.onSent(from, n, fin);
        packet.add(SentFrame.STREAM, id, from, SentFrame.streamLength(n, fin));
        return true;
    }

    // ---- fates ----

    void acked(SentFrame frame, long a, long b, long c) {
        switch (frame) {
            case STREAM -> onDataAcked(a, b, SentFrame.lengthOf(c), SentFrame.finOf(c));
            case RESET_STREAM -> {
                Stream stream = streams.get(a);
                if (stream != null && stream.send != null) {
                    stream.send.onResetAcked();
                    settle(stream);
                }
            }
            case STOP_SENDING -> {
                RecvStream recv = recv(a);
                if (recv != null) {
                    recv.onStopAcked();
                }
            }
            case MAX_DATA -> window.onAcked(a);
            case MAX_STREAM_DATA -> {
                RecvStream recv = recv(a);
                if (recv != null) {
                    recv.window.onAcked(b);
                }
            }
            case MAX_STREAMS_BIDI -> peerBidi.announcement().onAcked(a);
            case MAX_STREAMS_UNI -> peerUni.announcement().onAcked(a);
            case DATA_BLOCKED, STREAM_DATA_BLOCKED, STREAMS_BLOCKED_BIDI, STREAMS_BLOCKED_UNI -> {}
            case ACK,
                    CRYPTO,
                    NEW_CONNECTION_ID,
                    RETIRE_CONNECTION_ID,
                    PATH_CHALLENGE,
                    PATH_RESPONSE,
                    NEW_TOKEN,
                    HANDSHAKE_DONE,
                    PING,
                    DATAGRAM,
                    MTU_PROBE -> throw notOurs(frame);
        }
    }

    private void onDataAcked(long id, long offset, int len, boolean fin) {
        Stream stream = streams.get(id);
        if (stream == null || stream.send == null) {
            return;
        }
        onFreed(stream, stream.send, stream.send.onAcked(offset, len, fin));
        settle(stream);
    }

    void lost(SentFrame frame, long a, long b, long c) {
        switch (frame) {
            case STREAM -> {
                Stream stream = streams.get(a);
                if (stream != null && stream.send != null) {
                    stream.send.onLost(b, SentFrame.lengthOf(c), SentFrame.finOf(c));
                    update(stream);
                }
            }
            case RESET_STREAM -> {
                Stream stream = streams.get(a);
                if (stream != null && stream.send != null) {
                    stream.send.onResetLost();
                    update(stream);
                }
            }
            case STOP_SENDING, MAX_STREAM_DATA, STREAM_DATA_BLOCKED -> onStreamControlLost(frame, a, b);
            case MAX_DATA -> window.onLost(a);
            case MAX_STREAMS_BIDI -> peerBidi.announcement().onLost(a);
            case MAX_STREAMS_UNI -> peerUni.announcement().onLost(a);
            case DATA_BLOCKED -> credit.onBlockedLost(a);
            case STREAMS_BLOCKED_BIDI -> localBidi.onBlockedLost(a);
            case STREAMS_BLOCKED_UNI -> localUni.onBlockedLost(a);
            case ACK,
                    CRYPTO,
                    NEW_CONNECTION_ID,
                    RETIRE_CONNECTION_ID,
                    PATH_CHALLENGE,
                    PATH_RESPONSE,
                    NEW_TOKEN,
                    HANDSHAKE_DONE,
                    PING,
                    DATAGRAM,
                    MTU_PROBE -> throw notOurs(frame);
        }
    }

    private void onStreamControlLost(SentFrame frame, long id, long value) {
        Stream stream = streams.get(id);
        if (stream == null) {
            return;
        }
        if (frame == SentFrame.STREAM_DATA_BLOCKED && stream.send != null) {
            stream.send.credit.onBlockedLost(value);
        } else if (frame == SentFrame.STOP_SENDING && stream.recv != null) {
            stream.recv.onStopLost();
        } else if (stream.recv != null) {
            stream.recv.window.onLost(value);
        }
        update(stream);
    }

    private @Nullable RecvStream recv(long id) {
        Stream stream = streams.get(id);
        return stream == null ? null : stream.recv;
    }

    private void settle(Stream stream) {
        update(stream);
        streams.retireIfOver(stream);
    }

    private static IllegalArgumentException notOurs(SentFrame frame) {
        return new IllegalArgumentException(frame + " is not a stream's");
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(credit);
        repairs.collect(to);
        fresh.collect(to);
        to.add(control);
        to.add(events);
        to.add(roomWaiters);
    }
}
