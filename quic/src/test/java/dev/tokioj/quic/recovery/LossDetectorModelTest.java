package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The detector against the pseudocode of RFC 9002 appendix A on maps, for one space after the handshake. */
class LossDetectorModelTest {
    private static final long MS = 1_000_000;
    private static final PacketSpaceId APP = PacketSpaceId.APPLICATION;

    private record Sent(long time, int bytes, boolean eliciting) {}

    /** Appendix A, word for word. */
    private static final class Model {
        final TreeMap<Long, Sent> unacked = new TreeMap<>();
        final TreeSet<Long> acked = new TreeSet<>();
        final List<Long> lost = new ArrayList<>();
        final Rtt rtt = new Rtt(333 * MS, MS);
        long largest = -1;
        long lossTime = Long.MAX_VALUE;
        long lastEliciting;
        int ptoCount;

        void ack(List<long[]> ranges, long now) {
            long top = ranges.getLast()[1];
            largest = Math.max(largest, top);
            boolean any = false;
            boolean eliciting = false;
            Sent largestSent = unacked.get(top);
            for (long[] range : ranges) {
                for (long pn = range[0]; pn <= range[1]; pn++) {
                    Sent s = unacked.remove(pn);
                    if (s != null) {
                        any = true;
                        eliciting |= s.eliciting;
                        acked.add(pn);
                    }
                }
            }
            if (!any) {
                return;
            }
            if (largestSent != null && eliciting) {
                rtt.update(now - largestSent.time, 0, now);
            }
            detectLost(now);
            ptoCount = 0;
        }

        void detectLost(long now) {
            lossTime = Long.MAX_VALUE;
            long delay = Math.max(9 * Math.max(rtt.latest(), rtt.smoothed()) / 8, MS);
            for (Map.Entry<Long, Sent> e : List.copyOf(unacked.headMap(largest).entrySet())) {
                if (e.getValue().time <= now - delay || largest >= e.getKey() + 3) {
                    unacked.remove(e.getKey());
                    lost.add(e.getKey());
                } else {
                    lossTime = Math.min(lossTime, e.getValue().time + delay);
                }
            }
        }

        long bytesInFlight() {
            return unacked.values().stream().mapToLong(Sent::bytes).sum();
        }

        long deadline() {
            if (lossTime != Long.MAX_VALUE) {
                return lossTime;
            }
            if (unacked.values().stream().noneMatch(Sent::eliciting)) {
                return Long.MAX_VALUE;
            }
            return lastEliciting + (rtt.pto(25 * MS) << ptoCount);
        }
    }

    @Test
    void agreesWithThePseudocode() throws TransportException {
        for (long seed = 1; seed <= 60; seed++) {
            new Run(seed).play();
        }
    }

    private static final class Run {
        final long seed;
        final Random random;
        final Model model = new Model();
        final LossDetector detector;
        // Frames of real losses only: what is queued for probes is not the model's business.
        final List<Long> lost = new ArrayList<>();
        final TreeSet<Long> acked = new TreeSet<>();
        final FrameFate fate = new FrameFate() {
            @Override
            public void acked(SentFrame frame, long a, long b, long c) {
                acked.add(a);
            }

            @Override
            public void lost(SentFrame frame, long a, long b, long c) {
                lost.add(a);
            }
        };
        long now = 1000;
        long next;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.detector = new LossDetector(RecoveryConfig.defaults(), false, 1200, false);
            detector.onHandshakeConfirmed(0);
            detector.peerMaxAckDelay(25 * MS);
        }

        void play() throws TransportException {
            for (int step = 0; step < 600; step++) {
                now += random.nextInt((int) (4 * MS));
                int what = random.nextInt(10);
                if (what < 6) {
                    sendSome();
                } else if (what < 9) {
                    ackSome();
                }
                if (detector.deadline() <= now) {
                    timeout();
                }
                check();
            }
            assertEquals(model.acked, acked, "seed " + seed);
            assertTrue(new TreeSet<>(model.lost).containsAll(lost), "seed " + seed);
        }

        private void sendSome() {
            for (int n = random.nextInt(5); n >= 0; n--) {
                if (random.nextInt(50) == 0) {
                    next++;
                }
                boolean eliciting = random.nextInt(10) > 0;
                int bytes = 30 + random.nextInt(1170);
                detector.sent(APP).begin(next);
                if (random.nextInt(20) == 0) {
                    detector.sent(APP).add(SentFrame.STREAM, -1, 0, 0);
                    detector.sent(APP).abandon();
                    detector.sent(APP).begin(next);
                }
                for (int f = random.nextInt(4); f >= 0; f--) {
                    detector.sent(APP).add(SentFrame.STREAM, next, 0, 0);
                }
                detector.onPacketSent(APP, now, bytes, eliciting, true, 0);
                model.unacked.put(next, new Sent(now, bytes, eliciting));
                if (eliciting) {
                    model.lastEliciting = now;
                }
                next++;
            }
        }

        /** Acknowledges some packets in flight, with some acknowledged before, and never one that is lost. */
        private void ackSome() throws TransportException {
            TreeSet<Long> chosen = new TreeSet<>();
            int odds = 1 + random.nextInt(8);
            for (long pn : model.unacked.keySet()) {
                if (random.nextInt(odds) == 0) {
                    chosen.add(pn);
                }
            }
            for (long pn : model.acked.tailSet(next - 200)) {
                if (random.nextInt(3) > 0) {
                    chosen.add(pn);
                }
            }
            if (chosen.isEmpty()) {
                return;
            }
            List<long[]> ranges = new ArrayList<>();
            for (long pn : chosen) {
                if (!ranges.isEmpty() && ranges.getLast()[1] == pn - 1) {
                    ranges.getLast()[1] = pn;
                } else {
                    ranges.add(new long[] {pn, pn});
                }
            }
            model.ack(ranges, now);
            long[] flat =
                    ranges.stream().flatMapToLong(java.util.Arrays::stream).toArray();
            detector.onAckReceived(APP, Frame.Ack.of(0, flat), 0, now, fate);
        }

        private void timeout() {
            boolean loss = model.lossTime != Long.MAX_VALUE;
            int before = lost.size();
            detector.onTimeout(now, fate);
            if (loss) {
                model.detectLost(now);
            } else {
                model.ptoCount++;
                // The oldest packets' frames are queued again; the packets themselves stay.
                lost.subList(before, lost.size()).clear();
            }
        }

        private void check() {
            String message = "seed " + seed + " at " + now;
            assertEquals(model.bytesInFlight(), detector.bytesInFlight(), message);
            assertEquals(model.acked.size(), acked.size(), message);
            assertEquals(model.lost.size(), detector.packetsLost(), message);
            assertEquals(model.rtt.smoothed(), detector.rtt().smoothed(), message);
            assertEquals(model.ptoCount, detector.ptoCount(), message);
            assertEquals(model.deadline(), detector.deadline(), message);
        }
    }
}
