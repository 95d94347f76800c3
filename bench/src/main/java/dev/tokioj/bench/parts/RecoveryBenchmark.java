package dev.tokioj.bench.parts;

import dev.tokioj.quic.recovery.AckTracker;
import dev.tokioj.quic.recovery.FrameFate;
import dev.tokioj.quic.recovery.LossDetector;
import dev.tokioj.quic.recovery.PacketSpaceId;
import dev.tokioj.quic.recovery.RecoveryConfig;
import dev.tokioj.quic.recovery.SentFrame;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Acknowledgement and loss (RFC 9002) with 10,000 packets in flight and 10,000 ranges. All figures are for one packet. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecoveryBenchmark {
    private static final PacketSpaceId APP = PacketSpaceId.APPLICATION;
    private static final int SIZE = 1452;
    private static final int IN_FLIGHT = 10_000;
    private static final int BATCH = 44;
    private static final long MICROSECOND = 1_000;
    private static final long ROUND_TRIP = 1_000_000;

    /** Counts, as a connection would mark its streams. */
    private static final class Counting implements FrameFate {
        long acked;
        long lost;

        @Override
        public void acked(SentFrame frame, long a, long b, long c) {
            acked += b;
        }

        @Override
        public void lost(SentFrame frame, long a, long b, long c) {
            lost += b;
        }
    }

    private final Counting fate = new Counting();
    private final long[] range = new long[2];
    private LossDetector detector = confirmed();
    private AckTracker tracker = tracker();
    private Frame.Ack everySecond = Frame.Ack.of(0, 0, 0);
    private long now;
    private long nextPn;
    private long received;

    private static LossDetector confirmed() {
        LossDetector detector = new LossDetector(RecoveryConfig.defaults(), true, SIZE, false);
        detector.onHandshakeKeys();
        detector.discard(PacketSpaceId.INITIAL, 0);
        detector.discard(PacketSpaceId.HANDSHAKE, 0);
        detector.onHandshakeConfirmed(0);
        return detector;
    }

    private static AckTracker tracker() {
        return new AckTracker(
                APP, RecoveryConfig.builder().maxAckRanges(IN_FLIGHT).build(), 25 * ROUND_TRIP);
    }

    /** 10,000 packets in flight; 10,000 ranges received; an ACK of every second of 20,000 that were acknowledged so before. */
    @Setup(Level.Iteration)
    public void setUp() throws TransportException {
        detector = confirmed();
        now = ROUND_TRIP;
        nextPn = 0;
        long[] ranges = new long[2 * IN_FLIGHT];
        for (int i = 0; i < IN_FLIGHT; i++) {
            ranges[2 * i] = 2L * i;
            ranges[2 * i + 1] = 2L * i;
            send();
            send();
        }
        everySecond = Frame.Ack.of(0, ranges);
        detector.onAckReceived(APP, everySecond, 0, now + ROUND_TRIP, fate);
        for (int i = 0; i < IN_FLIGHT; i++) {
            send();
        }
        tracker = tracker();
        received = 0;
        for (int i = 0; i < IN_FLIGHT; i++) {
            receive();
        }
    }

    private void send() {
        now += MICROSECOND;
        detector.sent(APP).begin(nextPn);
        detector.sent(APP).add(SentFrame.STREAM, 4, nextPn * SIZE, SIZE);
        detector.onPacketSent(APP, now, SIZE, true, true, 0);
        nextPn++;
    }

    private void receive() {
        received += 2;
        tracker.onReceived(received, now, true, 0);
    }

    private void acknowledge(long from, long to) throws TransportException {
        range[0] = from;
        range[1] = to;
        detector.onAckReceived(APP, Frame.Ack.of(0, range), 0, now, fate);
    }

    /** A train is sent and the oldest in flight is acknowledged: bulk's steady state. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long sendAndAcknowledge() throws TransportException {
        for (int i = 0; i < BATCH; i++) {
            send();
        }
        acknowledge(nextPn - IN_FLIGHT - BATCH, nextPn - IN_FLIGHT - 1);
        return fate.acked;
    }

    /** A train is sent of which the last arrives: all but it and two are lost by the packet threshold, later those too. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long sendAndLose() throws TransportException {
        for (int i = 0; i < BATCH; i++) {
            send();
        }
        acknowledge(nextPn - 1, nextPn - 1);
        return fate.lost;
    }

    /** An ACK of 10,000 ranges that says nothing new, for one range. */
    @Benchmark
    @OperationsPerInvocation(IN_FLIGHT)
    public boolean acknowledgeTenThousandRangesAgain() throws TransportException {
        return detector.onAckReceived(APP, everySecond, 0, now, fate);
    }

    /** Every second packet is received, with 10,000 ranges held: the oldest is forgotten for it. */
    @Benchmark
    public long receiveWithTenThousandRanges() {
        receive();
        return tracker.largestReceived();
    }
}
