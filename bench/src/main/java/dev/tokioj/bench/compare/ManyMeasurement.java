package dev.tokioj.bench.compare;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JVM peer with 10,000 connections, in the cases that are about them: one pair of processes serves both. First requests over
 * ten connections, then the server's memory, then 10,000, a rest, the memory again, one request on each, requests over all.
 */
final class ManyMeasurement implements Measurement {
    private static final int FEW = 10;
    private static final int MANY = 10_000;
    /** Until what a handshake leaves behind has been given back. */
    private static final Duration REST = Duration.ofSeconds(5);

    private static final Duration LONG_PATIENCE = Duration.ofMinutes(2);

    private final Launch launch;
    private final Set<Case> cases;
    private final List<Sample> idle = new ArrayList<>();
    private final List<Sample> few = new ArrayList<>();
    private final List<Sample> many = new ArrayList<>();
    private @Nullable Pair pair;
    private @Nullable String failure;

    /** The launch is for {@link Case#MANY}; the cases say which rows are wanted. */
    ManyMeasurement(Launch launch, Set<Case> cases) {
        this.launch = launch;
        this.cases = cases;
    }

    /** Does all of it: its halves cannot be interleaved with other peers'. */
    @Override
    public void start() throws InterruptedException {
        try {
            Pair running = launch.pair(Launch.LARGE_JVM_FLAGS, FEW);
            pair = running;
            run(running);
        } catch (PeerFailure | IOException e) {
            failure = PeerFailure.reason(e);
        }
        end();
    }

    private void run(Pair running) throws PeerFailure, InterruptedException {
        if (cases.contains(Case.MANY)) {
            sample(running, few);
            System.err.println(String.format(
                    Locale.ROOT,
                    "many: %.0f requests/s over %d connections",
                    Sample.median(few).value(),
                    FEW));
        }
        long before = memory(running);
        running.tell("open " + MANY, LONG_PATIENCE);
        Thread.sleep(REST);
        long after = memory(running);
        running.tell("ask", LONG_PATIENCE);
        idle.add(Sample.value((double) (after - before) / (MANY - FEW)));
        if (cases.contains(Case.MANY)) {
            sample(running, many);
            System.err.println(String.format(
                    Locale.ROOT,
                    "many: %.0f requests/s over %d connections",
                    Sample.median(many).value(),
                    MANY));
        }
    }

    private void sample(Pair running, List<Sample> into) throws PeerFailure, InterruptedException {
        for (int round = 0; round < launch.options().rounds(); round++) {
            into.add(running.sample(Case.MANY));
        }
    }

    /** Heap after a collection, and what the process has besides. */
    private static long memory(Pair running) throws PeerFailure, InterruptedException {
        running.server().tell("memory");
        String[] words = running.server().await("memory", Compare.PATIENCE);
        return Long.parseLong(words[0]) + Long.parseLong(words[1]);
    }

    @Override
    public void sample() {}

    @Override
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        if (cases.contains(Case.IDLE)) {
            rows.add(new Row(Case.IDLE, launch.peer(), List.copyOf(idle), failure));
        }
        if (cases.contains(Case.MANY)) {
            double reached = few.isEmpty() ? Double.NaN : Sample.median(few).value();
            rows.add(new Row(
                    Case.MANY,
                    launch.peer(),
                    many.stream().map(sample -> sample.per(reached)).toList(),
                    failure));
        }
        return rows;
    }

    @Override
    public void end() throws InterruptedException {
        if (pair != null) {
            pair.end();
        }
    }
}
