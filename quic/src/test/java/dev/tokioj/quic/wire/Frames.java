package dev.tokioj.quic.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes random frames, writes any frame, and says whether two are the same by content. */
final class Frames {
    private static final String LETTERS = "connection closed \u00e4\u20ac\ud83d\ude00";

    private final Random random;

    Frames(Random random) {
        this.random = random;
    }

    long varInt() {
        return random.nextLong(VarInt.MAX + 1) >>> random.nextInt(62);
    }

    byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }

    /** One of each kind, with random content; each carries at most {@code most} bytes of data. */
    List<Frame> oneOfEach(int most) {
        List<Frame> all = new ArrayList<>();
        byte[] data = bytes(1 + random.nextInt(most));
        int len = data.length;
        all.add(new Frame.Ping());
        all.add(ack());
        all.add(new Frame.ResetStream(varInt(), varInt(), varInt()));
        all.add(new Frame.StopSending(varInt(), varInt()));
        all.add(new Frame.Crypto(Math.min(varInt(), VarInt.MAX - len), data, 0, len));
        all.add(new Frame.NewToken(data, 0, len));
        long offset = random.nextInt(4) == 0 ? 0 : Math.min(varInt(), VarInt.MAX - len);
        all.add(new Frame.Stream(varInt(), offset, data, 0, random.nextInt(4) == 0 ? 0 : len, random.nextBoolean()));
        all.add(new Frame.MaxData(varInt()));
        all.add(new Frame.MaxStreamData(varInt(), varInt()));
        all.add(new Frame.MaxStreams(random.nextBoolean(), Math.min(varInt(), FrameCodec.MAX_STREAMS)));
        all.add(new Frame.DataBlocked(varInt()));
        all.add(new Frame.StreamDataBlocked(varInt(), varInt()));
        all.add(new Frame.StreamsBlocked(random.nextBoolean(), Math.min(varInt(), FrameCodec.MAX_STREAMS)));
        long sequence = varInt();
        ConnectionId id = ConnectionId.of(bytes(1 + random.nextInt(20)));
        all.add(new Frame.NewConnectionId(sequence, Math.min(sequence, varInt()), id, bytes(16)));
        all.add(new Frame.RetireConnectionId(varInt()));
        all.add(new Frame.PathChallenge(random.nextLong()));
        all.add(new Frame.PathResponse(random.nextLong()));
        all.add(new Frame.ConnectionClose(varInt(), varInt(), LETTERS, false));
        all.add(new Frame.ConnectionClose(varInt(), -1, random.nextBoolean() ? "" : LETTERS, true));
        all.add(new Frame.HandshakeDone());
        all.add(new Frame.Datagram(data, 0, len));
        return all;
    }

    Frame.Ack ack() {
        long[] ranges = ranges(1 + random.nextInt(12));
        Frame.Ack plain = Frame.Ack.of(varInt(), ranges);
        return random.nextBoolean()
                ? plain
                : new Frame.Ack(
                        plain.largestAcked(),
                        plain.ackDelay(),
                        plain.firstRange(),
                        plain.rangeCount(),
                        plain.buf(),
                        plain.off(),
                        varInt(),
                        varInt(),
                        varInt());
    }

    /** Ascending pairs with gaps. */
    long[] ranges(int count) {
        long[] ranges = new long[2 * count];
        long at = random.nextLong(1L << 40);
        for (int i = 0; i < count; i++) {
            ranges[2 * i] = at;
            at += random.nextLong(1L << 35) >>> random.nextInt(35);
            ranges[2 * i + 1] = at;
            at += 2 + (random.nextLong(1L << 35) >>> random.nextInt(35));
        }
        return ranges;
    }

    static long[] ranges(Frame.Ack ack) {
        long[] descending = new long[2 * (ack.rangeCount() + 1)];
        AckRanges ranges = new AckRanges().reset(ack);
        int at = descending.length;
        while (ranges.next()) {
            descending[--at] = ranges.largest();
            descending[--at] = ranges.smallest();
        }
        if (at != 0) {
            throw new AssertionError("ranges missing: " + at);
        }
        return descending;
    }

    static void write(ByteWriter w, Frame frame) {
        switch (frame) {
            case Frame.Padding f -> FrameCodec.writePadding(w, f.length());
            case Frame.Ping _ -> FrameCodec.writePing(w);
            case Frame.Ack f -> {
                long[] ranges = ranges(f);
                FrameCodec.writeAck(w, f.ackDelay(), ranges, 0, ranges.length / 2, f.ect0(), f.ect1(), f.ce());
            }
            case Frame.ResetStream f -> FrameCodec.writeResetStream(w, f.streamId(), f.errorCode(), f.finalSize());
            case Frame.StopSending f -> FrameCodec.writeStopSending(w, f.streamId(), f.errorCode());
            case Frame.Crypto f -> {
                FrameCodec.writeCryptoHeader(w, f.offset(), f.len());
                w.bytes(f.buf(), f.off(), f.len());
            }
            case Frame.NewToken f -> FrameCodec.writeNewToken(w, f.buf(), f.off(), f.len());
            case Frame.Stream f -> {
                FrameCodec.writeStreamHeader(w, f.streamId(), f.offset(), f.len(), f.fin(), false);
                w.bytes(f.buf(), f.off(), f.len());
            }
            case Frame.MaxData f -> FrameCodec.writeMaxData(w, f.maximum());
            case Frame.MaxStreamData f -> FrameCodec.writeMaxStreamData(w, f.streamId(), f.maximum());
            case Frame.MaxStreams f -> FrameCodec.writeMaxStreams(w, f.bidirectional(), f.maximum());
            case Frame.DataBlocked f -> FrameCodec.writeDataBlocked(w, f.limit());
            case Frame.StreamDataBlocked f -> FrameCodec.writeStreamDataBlocked(w, f.streamId(), f.limit());
            case Frame.StreamsBlocked f -> FrameCodec.writeStreamsBlocked(w, f.bidirectional(), f.limit());
            case Frame.NewConnectionId f ->
                FrameCodec.writeNewConnectionId(
                        w, f.sequenceNumber(), f.retirePriorTo(), f.connectionId(), f.statelessResetToken());
            case Frame.RetireConnectionId f -> FrameCodec.writeRetireConnectionId(w, f.sequenceNumber());
            case Frame.PathChallenge f -> FrameCodec.writePathChallenge(w, f.data());
            case Frame.PathResponse f -> FrameCodec.writePathResponse(w, f.data());
            case Frame.ConnectionClose f -> FrameCodec.writeConnectionClose(w, f);
            case Frame.HandshakeDone _ -> FrameCodec.writeHandshakeDone(w);
            case Frame.Datagram f -> FrameCodec.writeDatagram(w, f.buf(), f.off(), f.len());
        }
    }

    /** The content of a frame in letters, whatever array its bytes are in. */
    static String text(Frame frame) {
        return switch (frame) {
            case Frame.Ack f ->
                "ack " + f.largestAcked() + " delay " + f.ackDelay() + " " + java.util.Arrays.toString(ranges(f)) + " "
                        + f.ect0() + " " + f.ect1() + " " + f.ce();
            case Frame.Crypto f -> "crypto " + f.offset() + " " + hex(f.buf(), f.off(), f.len());
            case Frame.NewToken f -> "token " + hex(f.buf(), f.off(), f.len());
            case Frame.Stream f ->
                "stream " + f.streamId() + " " + f.offset() + " " + f.fin() + " " + hex(f.buf(), f.off(), f.len());
            case Frame.Datagram f -> "datagram " + hex(f.buf(), f.off(), f.len());
            case Frame.NewConnectionId f ->
                "id " + f.sequenceNumber() + " " + f.retirePriorTo() + " " + f.connectionId() + " "
                        + hex(f.statelessResetToken(), 0, f.statelessResetToken().length);
            case Frame.Padding _,
                    Frame.Ping _,
                    Frame.ResetStream _,
                    Frame.StopSending _,
                    Frame.MaxData _,
                    Frame.MaxStreamData _,
                    Frame.MaxStreams _,
                    Frame.DataBlocked _,
                    Frame.StreamDataBlocked _,
                    Frame.StreamsBlocked _,
                    Frame.RetireConnectionId _,
                    Frame.PathChallenge _,
                    Frame.PathResponse _,
                    Frame.ConnectionClose _,
                    Frame.HandshakeDone _ -> frame.toString();
        };
    }

    private static String hex(byte[] buf, int off, int len) {
        return java.util.HexFormat.of().formatHex(buf, off, off + len);
    }
}
