package dev.tokioj.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the two sides of a measurement are started.
 *
 * @param directory for logs and certificates
 */
record Launch(Case what, Peer peer, Options options, Path directory, Cores cores) {
    /** The launcher's collector, and a heap that is the same for all. */
    static final List<String> JVM_FLAGS = List.of("-XX:+UseSerialGC", "-XX:-UsePerfData", "-Xms1g", "-Xmx1g");

    /** For thousands of connections. Touched at the start, so that what the process grows by later is not heap. */
    static final List<String> LARGE_JVM_FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-Xms4g",
            "-Xmx4g",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseTransparentHugePages");

    /** What is compared by SHA-256 before: 16 MB each way. */
    private static final int BLOCKS = 256;
    /** Of a stack whose transfers stall: 1 MB. */
    private static final int FEWER_BLOCKS = 16;

    private Setup setup() {
        return new Setup(what, peer, directory, options.group(), options.datagramSize(), 0);
    }

    /** Both sides of a JVM peer, checked and warmed up; with this many connections, in the case that wants some. */
    Pair pair(List<String> flags, int connections) throws PeerFailure, IOException, InterruptedException {
        List<Side> started = new ArrayList<>();
        try {
            Side server = side("server", setup(), cores.server(), flags);
            started.add(server);
            int port = Integer.parseInt(server.await("ready", Compare.PATIENCE)[0]);
            Side client = side("client", setup().onPort(port), cores.client(), flags);
            started.add(client);
            Pair pair = new Pair(server, client, options.seconds());
            pair.check(peer == Peer.KWIK ? FEWER_BLOCKS : BLOCKS);
            if (connections > 0) {
                pair.tell("open " + connections, Compare.PATIENCE);
            }
            warmUp(pair);
            return pair;
        } catch (PeerFailure | IOException | InterruptedException e) {
            for (Side side : started) {
                side.end();
            }
            throw e;
        }
    }

    private void warmUp(Pair pair) throws PeerFailure, InterruptedException {
        if (options.warmUp() >= 0) {
            pair.warmUp(what, options.warmUp());
        } else if (!pair.warmUp(what)) {
            System.err.println(what.title() + ": " + peer.title()
                    + "'s JIT compilers are still at work; what follows has them in it");
        }
    }

    private Side side(String name, Setup setup, int core, List<String> flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(peer.jvmFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PeerProcess.class.getName(), name));
        command.addAll(List.of(setup.words()));
        return new Side(command, core, log(name));
    }

    Path log(String side) throws IOException {
        Path log = directory.resolve(what.title() + "-" + peer.title() + "-" + side + ".log");
        Files.deleteIfExists(log);
        return log;
    }
}
