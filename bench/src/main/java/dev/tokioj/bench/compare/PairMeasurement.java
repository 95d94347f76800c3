package dev.tokioj.bench.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JVM peer in one case. */
final class PairMeasurement implements Measurement {
    private final Launch launch;
    private final List<Sample> samples = new ArrayList<>();
    private @Nullable Pair pair;
    private @Nullable String failure;

    PairMeasurement(Launch launch) {
        this.launch = launch;
    }

    @Override
    public void start() throws InterruptedException {
        try {
            pair = launch.pair(Launch.JVM_FLAGS, 0);
        } catch (PeerFailure | IOException e) {
            failure = PeerFailure.reason(e);
        }
    }

    @Override
    public void sample() throws InterruptedException {
        if (failure != null || pair == null) {
            return;
        }
        try {
            samples.add(pair.sample(launch.what()));
        } catch (PeerFailure e) {
            failure = PeerFailure.reason(e);
            end();
        }
    }

    @Override
    public List<Row> rows() {
        return List.of(new Row(launch.what(), launch.peer(), List.copyOf(samples), failure));
    }

    @Override
    public void end() throws InterruptedException {
        if (pair != null) {
            pair.end();
        }
    }
}
