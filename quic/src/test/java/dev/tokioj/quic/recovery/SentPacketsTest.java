package dev.tokioj.quic.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.CpuTime;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is remembered of sent packets, for how long, and what it costs to find them. */
class SentPacketsTest extends LossDetectorFixture {
    /** The greatest that each can be: what shares a long with others must not touch them, also when the rings grow. */
    @Test
    void everyFieldKeepsWhatItWasGiven() {
        SentPackets packets = new SentPackets(1);
        long length = SentFrame.streamLength(Integer.MAX_VALUE, true);
        long greatest = (1L << 62) - 1;
        for (int i = 0; i < 20; i++) {
            packets.begin(greatest - 100 + i);
            packets.add(SentFrame.STREAM, greatest, greatest, length);
            packets.add(SentFrame.PATH_CHALLENGE, -1, 0, 0);
            packets.add(SentFrame.MTU_PROBE, i, -i, -1);
            packets.commit(-i, 65_527 - i, i % 2 == 0, true, i % 3 == 0, Integer.MAX_VALUE - i);
        }
        packets.close(packets.head());
        for (int i = 0; i < 20; i++) {
            assertEquals(i != 0, packets.isOpen(i));
            assertEquals(greatest - 100 + i, packets.numberOf(i));
            assertEquals(-i, packets.sentTimeOf(i));
            assertEquals(65_527 - i, packets.bytesOf(i));
            assertEquals(Integer.MAX_VALUE - i, packets.pathOf(i));
            assertEquals(i % 2 == 0, packets.has(i, SentPackets.ACK_ELICITING));
            assertEquals(i % 3 == 0, packets.has(i, SentPackets.ECT0));
            assertTrue(packets.has(i, SentPackets.MTU_PROBE));
            assertFalse(packets.has(i, SentPackets.LOST | SentPackets.REQUEUED | SentPackets.LOST_BY_TIME));
            packets.markLost(i, true);
            packets.set(i, SentPackets.REQUEUED);
            assertTrue(packets.has(i, SentPackets.LOST_BY_TIME));
            assertTrue(packets.has(i, SentPackets.REQUEUED));
            assertEquals(65_527 - i, packets.bytesOf(i));
            List<String> frames = new ArrayList<>();
            packets.reportLost(i, new FrameFate() {
                @Override
                public void acked(SentFrame frame, long a, long b, long c) {
                    throw new AssertionError("acknowledged");
                }

                @Override
                public void lost(SentFrame frame, long a, long b, long c) {
                    frames.add(frame + " " + a + " " + b + " " + c);
                }
            });
            assertEquals(
                    List.of(
                            "STREAM " + greatest + " " + greatest + " " + length,
                            "PATH_CHALLENGE -1 0 0",
                            "MTU_PROBE " + i + " " + -i + " -1"),
                    frames);
        }
    }

    @Test
    void theRingsGrowWithWhatIsInFlightAndGoWhenNothingIs() throws TransportException {
        SentPackets packets = detector.sent(APP);
        assertEquals(0, packets.capacity(), "nothing was sent");
        for (int pn = 0; pn < 100; pn++) {
            send(APP, pn, pn);
        }
        assertEquals(128, packets.capacity());
        packets.trim();
        assertEquals(128, packets.capacity(), "they are in flight");
        assertTrue(ack(APP, 50 * MS, 0, 49));
        packets.trim();
        assertTrue(ack(APP, 50 * MS, 50, 99));
        packets.trim();
        assertEquals(0, packets.capacity());
        // The numbers go on, and more packets than a ring of less than a word of bits holds.
        for (int pn = 100; pn < 105; pn++) {
            send(APP, pn, 60 * MS);
        }
        assertTrue(ack(APP, 70 * MS, 100, 102));
        for (int pn = 105; pn < 110; pn++) {
            send(APP, pn, 70 * MS);
        }
        assertEquals(8, packets.capacity());
        assertTrue(ack(APP, 80 * MS, 100, 109));
        assertEquals(0, detector.bytesInFlight());
        assertEquals(110, fate.acked.size());
    }

    @Test
    void packetsOfAcksAloneAreNotKept() {
        send(APP, 0, 0);
        for (int pn = 1; pn < 100_000; pn++) {
            ackOnly(pn, pn, pn);
        }
        assertEquals(1, detector.sent(APP).retained());
        assertEquals(MTU, detector.bytesInFlight());
        assertEquals(0, detector.sent(APP).building());
    }

    @Test
    void lostPacketsAreForgottenAfterAWhileAndBeyondALimit() throws TransportException {
        detector = confirmed(RecoveryConfig.builder().maxLostRetained(50).build());
        for (int pn = 0; pn < 200; pn++) {
            send(APP, pn, 0);
        }
        ack(APP, 50 * MS, 199, 199);
        assertTrue(
                detector.sent(APP).retained() <= 53,
                "retained " + detector.sent(APP).retained());
        detector.onTimeout(detector.deadline(), fate);
        send(APP, 200, 10_000 * MS);
        ack(APP, 10_050 * MS, 200, 200);
        assertEquals(0, detector.sent(APP).retained());
    }

    @Test
    void anAckCostsWhatItAcknowledgesHoweverMuchIsInFlight() throws TransportException {
        int n = 200_000;
        List<Long> none = new ArrayList<>();
        for (int pn = 0; pn < n; pn++) {
            send(APP, pn, pn, 1);
        }
        // Packet 0 stays open, so that everything stays in memory; each ACK lists all before it.
        detector = withThreshold(n);
        long[] took = new long[10]; // a tenth of the ACKs each
        for (int pn = 2; pn < n; pn += 20) {
            long start = CpuTime.nanos();
            ack(APP, n + pn, 1, pn);
            took[pn / (n / 10)] += CpuTime.nanos() - start;
        }
        // The last look at ten times as many packets as the second of them did, whatever the machine: a walk over them
        // would show.
        assertTrue(took[9] < 3 * took[1] + 20 * MS, Arrays.toString(took));
        assertTrue(fate.acked.size() >= n - 30, fate.acked.size() + " acked");
        assertEquals(none, fate.lost);
    }

    private LossDetector withThreshold(int packets) {
        LossDetector d = confirmed(RecoveryConfig.builder()
                .packetThreshold(packets)
                .maxPacketThreshold(packets)
                .granularity(1_000 * MS)
                .initialRtt(1_000 * MS)
                .build());
        for (int pn = 0; pn < packets; pn++) {
            d.sent(APP).begin(pn);
            d.sent(APP).add(SentFrame.STREAM, pn, 0, 0);
            d.onPacketSent(APP, pn, 1, true, true, 0);
        }
        return d;
    }

    @Test
    void anAckOfTenThousandRangesIsCheap() throws TransportException {
        int n = 40_000;
        detector = withThreshold(n);
        long[] ranges = new long[n / 2];
        for (int i = 0; i < ranges.length; i += 2) {
            ranges[i] = 2L * i;
            ranges[i + 1] = 2L * i + 1;
        }
        Frame.Ack ack = Frame.Ack.of(0, ranges);
        assertEquals(10_000, ack.rangeCount() + 1);
        long start = CpuTime.nanos();
        for (int i = 0; i < 100; i++) {
            detector.onAckReceived(APP, ack, 0, n + i, fate);
        }
        long took = CpuTime.nanos() - start;
        assertEquals(20_000, fate.acked.size());
        assertTrue(took < 4_000_000_000L, took / MS + " ms for a million ranges");
    }
}
