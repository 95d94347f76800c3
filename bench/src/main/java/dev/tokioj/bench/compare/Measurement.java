package dev.tokioj.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One peer in one case: its two processes, from their start to the last round. One thread. */
final class Measurement {
    /** The launcher's collector, and a heap that is the same for all. */
    static final List<String> JVM_FLAGS = List.of("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xms1g", "-Xmx1g");

    /** 16 MB each way. */
    private static final int VERIFIED_BLOCKS = 256;
    /** For a connection's slow start, in every round. */
    private static final double SETTLE_SECONDS = 0.5;

    private static final double GB = 1e9;

    private final Case what;
    private final Peer peer;
    private final Options options;
    private final Path directory;
    private final Cores cores;
    private final List<Sample> samples = new ArrayList<>();
    private @Nullable Side server;
    private @Nullable Side client;
    private @Nullable String failure;

    Measurement(Case what, Peer peer, Options options, Path directory, Cores cores) {
        this.what = what;
        this.peer = peer;
        this.options = options;
        this.directory = directory;
        this.cores = cores;
    }

    Row row() {
        return new Row(what, peer, List.copyOf(samples), failure);
    }

    /** Starts both sides, checks that content passes intact, and lets them warm up. */
    void start() throws InterruptedException {
        try {
            Setup setup = new Setup(peer, directory, options.group(), options.datagramSize(), 0);
            Side serving = side("server", setup, cores.server());
            server = serving;
            int port = Integer.parseInt(serving.await("ready", Compare.PATIENCE)[0]);
            Side asking = side("client", setup.onPort(port), cores.client());
            client = asking;
            asking.await("ready", Compare.PATIENCE);
            asking.tell("verify " + VERIFIED_BLOCKS);
            asking.await("done", Compare.PATIENCE);
            if (options.warmUp() > 0) {
                run(serving, asking, options.warmUp(), 0.1);
            }
        } catch (PeerFailure | IOException e) {
            fail(e);
        }
    }

    private Side side(String name, Setup setup, int core) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_FLAGS);
        command.addAll(peer.jvmFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PeerProcess.class.getName(), name));
        command.addAll(List.of(setup.words()));
        Path log = directory.resolve(what.title() + "-" + peer.title() + "-" + name + ".log");
        Files.deleteIfExists(log);
        return new Side(command, core, log);
    }

    private void fail(Exception cause) throws InterruptedException {
        failure = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        end();
    }

    /** One timed run, unless it has failed. */
    void sample() throws InterruptedException {
        if (failure != null || server == null || client == null) {
            return;
        }
        try {
            samples.add(run(server, client, SETTLE_SECONDS, options.seconds()));
        } catch (PeerFailure e) {
            fail(e);
        }
    }

    private Sample run(Side serving, Side asking, double warmUp, double seconds)
            throws PeerFailure, InterruptedException {
        asking.tell(String.format(Locale.ROOT, "run %s %s %s", what.name(), warmUp, seconds));
        asking.await("begin", seconds(warmUp).plus(Compare.PATIENCE));
        Duration serverCpu = serving.cpu();
        Duration clientCpu = asking.cpu();
        String[] end = asking.await("end", seconds(seconds).plus(Compare.PATIENCE));
        serverCpu = serving.cpu().minus(serverCpu);
        clientCpu = asking.cpu().minus(clientCpu);
        String[] latency = asking.await("latency", Compare.PATIENCE);
        asking.await("done", Compare.PATIENCE);
        double count = Double.parseDouble(end[0]);
        double nanos = Double.parseDouble(end[1]);
        if (count == 0) {
            throw new PeerFailure("nothing passed in " + seconds + " s: stalled");
        }
        return result(count, nanos, serverCpu, clientCpu, latency);
    }

    private static Duration seconds(double value) {
        return Duration.ofNanos((long) (value * 1e9));
    }

    private Sample result(double count, double nanos, Duration serverCpu, Duration clientCpu, String[] latency) {
        if (what.isTransfer()) {
            return new Sample(
                    count / (nanos / 1e9) / 1e6,
                    serverCpu.toNanos() / 1e9 / (count / GB),
                    clientCpu.toNanos() / 1e9 / (count / GB),
                    Double.NaN,
                    Double.NaN,
                    Double.NaN);
        }
        double p50 = Long.parseLong(latency[0]) / 1e3;
        return new Sample(
                what == Case.LATENCY ? p50 : count / (nanos / 1e9),
                serverCpu.toNanos() / 1e3 / count,
                clientCpu.toNanos() / 1e3 / count,
                p50,
                Long.parseLong(latency[1]) / 1e3,
                Long.parseLong(latency[2]) / 1e3);
    }

    /** Ends both sides. */
    void end() throws InterruptedException {
        if (client != null) {
            client.end();
        }
        if (server != null) {
            server.end();
        }
    }
}
