package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whole handshakes with bytes that are changed, moved, cut and repeated at random: only alerts may come of it. */
class HandshakeFuzzTest {
    private static final long SEED = 0x7071_6a00L;
    private static final long BUDGET_NANOS = 1_500_000_000L;

    @Test
    void mutatedHandshakesEndInAlertsOnly() {
        long end = System.nanoTime() + BUDGET_NANOS;
        int refused = 0;
        int rounds = 0;
        for (; rounds < 100 || (rounds < 20_000 && System.nanoTime() < end); rounds++) {
            Random random = new Random(SEED + rounds);
            Pair pair = random.nextInt(4) == 0 ? Parties.retryingPair() : Parties.pair();
            int rate = 1 + random.nextInt(6);
            pair.path =
                    (from, level, message) -> random.nextInt(rate) == 0 ? mutate(random, message) : List.of(message);
            if (random.nextInt(5) == 0) {
                pair.fragment = 1 + random.nextInt(40);
            }
            try {
                refused += pair.run() == null ? 0 : 1;
            } catch (RuntimeException e) {
                fail("seed " + (SEED + rounds), e);
            }
        }
        assertTrue(refused > rounds / 2, refused + " of " + rounds + " refused");
    }

    private static List<byte[]> mutate(Random random, byte[] message) {
        byte[] changed = message.clone();
        switch (random.nextInt(9)) {
            case 0 -> {
                return List.of();
            }
            case 1 -> {
                return List.of(message, message);
            }
            case 2 -> changed = Edits.shortened(message, random.nextInt(message.length - 3));
            case 3 -> changed = Edits.shortened(message, -1 - random.nextInt(50));
            case 4 -> changed[random.nextInt(4)] = (byte) random.nextInt();
            case 5 -> {
                // A length field, wherever one may be.
                int at = 4 + random.nextInt(Math.max(1, message.length - 5));
                changed[Math.min(at, changed.length - 1)] = (byte) (random.nextBoolean() ? 0 : 0xff);
            }
            case 6 -> {
                int at = random.nextInt(message.length);
                byte[] block = new byte[random.nextInt(8)];
                random.nextBytes(block);
                WireWriter out = new WireWriter();
                for (int i = 4; i < message.length; i++) {
                    out.u8(message[i]);
                    if (i == at) {
                        out.bytes(block);
                    }
                }
                changed = new WireWriter()
                        .u8(message[0])
                        .opaque24(out.toByteArray())
                        .toByteArray();
            }
            default -> {
                for (int i = random.nextInt(6); i >= 0; i--) {
                    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        return List.of(changed);
    }

    @Test
    void decoderTakesAnyBytes() {
        long end = System.nanoTime() + BUDGET_NANOS / 3;
        List<byte[]> seeds = seeds();
        for (int round = 0; round < 1000 || (round < 500_000 && System.nanoTime() < end); round++) {
            Random random = new Random(SEED - round);
            byte[] message = seeds.get(random.nextInt(seeds.size()));
            for (byte[] mutated : mutate(random, message)) {
                HandshakeType type = HandshakeType.of(mutated[0] & 0xff);
                if (type == null) {
                    continue;
                }
                try {
                    byte[] again = HandshakeCodec.encode(HandshakeCodec.decode(type, mutated, TlsLimits.DEFAULT));
                    assertTrue(
                            java.util.Arrays.equals(again, 4, again.length, mutated, 4, mutated.length)
                                    || again.length == mutated.length + 2, // an absent block is written as empty
                            "seed " + (SEED - round) + ": decoded, but encodes to other bytes");
                } catch (TlsAlertException e) {
                    assertTrue(e.getStackTrace().length == 0, "a peer's fault costs no stack trace");
                } catch (RuntimeException e) {
                    fail("seed " + (SEED - round), e);
                }
            }
        }
    }

    private static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        Pair pair = Parties.retryingPair();
        pair.path = (from, level, message) -> {
            seeds.add(message);
            return List.of(message);
        };
        pair.run();
        seeds.add(HandshakeCodec.encode(new HandshakeMessage.NewSessionTicket(
                1,
                2,
                new byte[3],
                new byte[40],
                Extensions.builder().add(42, new byte[4]).build())));
        seeds.add(HandshakeCodec.encode(new HandshakeMessage.CertificateRequest(
                new byte[2], Extensions.builder().add(13, new byte[4]).build())));
        return seeds;
    }
}
