package dev.tokioj.bench.compare;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Both sides of a JVM peer, running.
 *
 * @param seconds length of a timed run
 */
record Pair(Side server, Side client, double seconds) {
    /** For a connection's slow start, in every round. */
    private static final double SETTLE_SECONDS = 0.5;
    /** What is measured after the warm-up, and not kept. */
    private static final double GLANCE_SECONDS = 1;
    /** At most so much longer than the case's own time. */
    private static final double MORE_SECONDS = 40;
    /** Of a glance, for both sides together: less is rest. */
    private static final double REST_SHARE = 0.05;

    /** Waits until the client runs, and compares the SHA-256 of what passes in both directions. */
    void check(int blocks) throws PeerFailure, InterruptedException {
        client.await("ready", Compare.PATIENCE);
        tell("verify " + blocks, Compare.PATIENCE);
    }

    /** Gives the client a command and waits until it is done. */
    void tell(String command, Duration patience) throws PeerFailure, InterruptedException {
        client.tell(command);
        client.await("done", patience);
    }

    /** Works for so many seconds. */
    void warmUp(Case what, double seconds) throws PeerFailure, InterruptedException {
        if (seconds > 0) {
            run(what, Math.max(0, seconds - GLANCE_SECONDS), GLANCE_SECONDS);
        }
    }

    /**
     * Works for as long as the case needs on a fast machine, and on until both sides' JIT compilers rest: they share their side's core,
     * and a slower machine takes several times as long.
     *
     * @return whether they came to rest
     */
    boolean warmUp(Case what) throws PeerFailure, InterruptedException {
        warmUp(what, what.warmUp);
        if (what.warmUp == 0) {
            return true;
        }
        long before = compilationMillis();
        for (double more = 0; more < MORE_SECONDS; more += GLANCE_SECONDS) {
            run(what, 0, GLANCE_SECONDS);
            long after = compilationMillis();
            if (after - before < REST_SHARE * GLANCE_SECONDS * 1e3) {
                return true;
            }
            before = after;
        }
        return false;
    }

    /** The elapsed time of both sides' compilers so far. */
    private long compilationMillis() throws PeerFailure, InterruptedException {
        long sum = 0;
        for (Side side : List.of(server, client)) {
            side.tell("compiled");
            sum += Long.parseLong(side.await("compiled", Compare.PATIENCE)[0]);
        }
        return sum;
    }

    Sample sample(Case what) throws PeerFailure, InterruptedException {
        return run(what, SETTLE_SECONDS, seconds);
    }

    private Sample run(Case what, double warmUp, double measured) throws PeerFailure, InterruptedException {
        client.tell(String.format(Locale.ROOT, "run %s %s %s", what.name(), warmUp, measured));
        client.await("begin", nanos(warmUp).plus(Compare.PATIENCE));
        Duration serverCpu = server.cpu();
        Duration clientCpu = client.cpu();
        String[] end = client.await("end", nanos(measured).plus(Compare.PATIENCE));
        serverCpu = server.cpu().minus(serverCpu);
        clientCpu = client.cpu().minus(clientCpu);
        String[] latency = client.await("latency", Compare.PATIENCE);
        client.await("done", Compare.PATIENCE);
        double count = Double.parseDouble(end[0]);
        double time = Double.parseDouble(end[1]) / 1e9;
        return what.isTransfer()
                ? Sample.transfer(count, time, serverCpu, clientCpu)
                : Sample.operations(what, count, time, serverCpu, clientCpu, latency);
    }

    private static Duration nanos(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    void end() throws InterruptedException {
        client.end();
        server.end();
    }
}
