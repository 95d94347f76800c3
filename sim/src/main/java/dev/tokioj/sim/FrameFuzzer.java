package dev.tokioj.sim;

import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.VarInt;
import java.util.Random;

/** Writes frames that are plausible, then spoils some of their bytes: what a peer could send who holds the keys. */
final class FrameFuzzer {
    private static final int MAX_FRAMES = 8;
    private static final int ROOM = 1100;

    private final Random random;

    FrameFuzzer(Random random) {
        this.random = random;
    }

    /** Fills a packet's payload. */
    void write(ByteWriter w) {
        int start = w.position();
        int frames = 1 + random.nextInt(MAX_FRAMES);
        for (int i = 0; i < frames && w.position() - start < ROOM - 200; i++) {
            frame(w);
        }
        int length = w.position() - start;
        // Half of the packets stay well formed: state is reached by valid frames, and broken by odd ones.
        if (random.nextBoolean()) {
            for (int i = random.nextInt(4); i > 0; i--) {
                w.array()[start + random.nextInt(length)] ^= (byte) (1 << random.nextInt(8));
            }
        }
    }

    private void frame(ByteWriter w) {
        switch (random.nextInt(20)) {
            case 0 -> FrameCodec.writePadding(w, 1 + random.nextInt(20));
            case 1 -> FrameCodec.writePing(w);
            case 2 -> {
                long largest = number();
                long smallest = Math.max(0, largest - random.nextInt(50));
                FrameCodec.writeAck(w, random.nextInt(1000), new long[] {smallest, largest}, 0, 1, -1, -1, -1);
            }
            case 3 -> FrameCodec.writeResetStream(w, stream(), number(), number());
            case 4 -> FrameCodec.writeStopSending(w, stream(), number());
            case 5, 6 -> {
                int length = random.nextInt(60);
                FrameCodec.writeCryptoHeader(w, number(), length);
                bytes(w, length);
            }
            case 7 -> {
                byte[] token = new byte[1 + random.nextInt(30)];
                random.nextBytes(token);
                FrameCodec.writeNewToken(w, token, 0, token.length);
            }
            case 8, 9, 10, 11 -> {
                int length = random.nextInt(100);
                FrameCodec.writeStreamHeader(w, stream(), number(), length, random.nextInt(4) == 0, false);
                bytes(w, length);
            }
            case 12 -> FrameCodec.writeMaxData(w, number());
            case 13 -> FrameCodec.writeMaxStreamData(w, stream(), number());
            case 14 -> FrameCodec.writeMaxStreams(w, random.nextBoolean(), number() & ((1L << 60) - 1));
            case 15 -> FrameCodec.writeStreamDataBlocked(w, stream(), number());
            case 16 -> {
                byte[] id = new byte[1 + random.nextInt(20)];
                byte[] token = new byte[16];
                random.nextBytes(id);
                random.nextBytes(token);
                long sequence = random.nextInt(20);
                FrameCodec.writeNewConnectionId(
                        w, sequence, random.nextInt((int) sequence + 1), ConnectionId.of(id), token);
            }
            case 17 -> FrameCodec.writeRetireConnectionId(w, random.nextInt(8));
            case 18 -> FrameCodec.writePathChallenge(w, random.nextLong());
            default -> FrameCodec.writePathResponse(w, random.nextLong());
        }
    }

    private void bytes(ByteWriter w, int length) {
        for (int i = 0; i < length; i++) {
            w.u8(random.nextInt(256));
        }
    }

    private long stream() {
        return random.nextInt(8) == 0 ? number() : random.nextInt(40);
    }

    /** Small ones mostly, and the edges. */
    private long number() {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextLong() & VarInt.MAX;
            case 1 -> VarInt.MAX - random.nextInt(3);
            case 2, 3 -> random.nextInt(1 << 20);
            default -> random.nextInt(200);
        };
    }
}
