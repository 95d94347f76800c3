package dev.tokioj.bench.compare;

import java.io.IOException;
import java.net.DatagramSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * ngtcp2's example server and client, as Debian packages them: a response of a gigabyte that the server makes up, less what a
 * response of a byte takes.
 */
final class Ngtcp2Measurement implements Measurement {
    private static final String SERVER = "gtlsserver";
    private static final String CLIENT = "gtlsclient";
    private static final String CIPHER = "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM";
    private static final String GROUP = "--groups=-GROUP-ALL:+GROUP-X25519";
    private static final long BYTES = 1L << 30;
    private static final long LEAST = 1;

    private final Launch launch;
    private final List<Sample> samples = new ArrayList<>();
    private int port;
    private @Nullable Side server;
    private @Nullable String failure;

    Ngtcp2Measurement(Launch launch) {
        this.launch = launch;
    }

    @Override
    public void start() throws InterruptedException {
        try {
            for (String program : List.of(SERVER, CLIENT)) {
                if (!onPath(program)) {
                    throw new PeerFailure("there is no " + program
                            + " (Debian, Ubuntu: apt-get install ngtcp2-server ngtcp2-client)");
                }
            }
            try (DatagramSocket probe = new DatagramSocket(0)) {
                port = probe.getLocalPort();
            }
            Path directory = launch.directory();
            server = new Side(
                    List.of(
                            SERVER,
                            "-q",
                            CIPHER,
                            GROUP,
                            "--max-dyn-length=2G",
                            "--no-pmtud",
                            "--max-udp-payload-size=" + launch.options().datagramSize(),
                            "127.0.0.1",
                            Integer.toString(port),
                            directory.resolve("key.pem").toString(),
                            directory.resolve("cert.pem").toString()),
                    launch.cores().server(),
                    launch.log("server"));
            fetch(LEAST);
        } catch (PeerFailure | IOException e) {
            failure = PeerFailure.reason(e);
        }
    }

    private static boolean onPath(String program) {
        for (String directory : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(directory, program))) {
                return true;
            }
        }
        return false;
    }

    /** What a fetch took, in seconds: the wall's, the server's CPU, the client's CPU. */
    private record Cost(double wall, double server, double client) {
        Cost minus(Cost other) {
            return new Cost(wall - other.wall, server - other.server, client - other.client);
        }
    }

    /** Fetches so many bytes; the shell tells the client's times to the millisecond after its end. */
    private Cost fetch(long bytes) throws PeerFailure, IOException, InterruptedException {
        Side serving = server;
        if (serving == null) {
            throw new PeerFailure("its server does not run");
        }
        Options options = launch.options();
        String fetch = String.format(
                Locale.ROOT,
                "TIMEFORMAT='took %%3R %%3U %%3S'; "
                        + "time %s -q --exit-on-all-streams-close %s %s --no-pmtud --max-udp-payload-size=%d"
                        + " --max-data=%d --max-stream-data-bidi-local=%d 127.0.0.1 %d https://localhost/%d",
                CLIENT,
                CIPHER,
                GROUP,
                options.datagramSize(),
                Setup.CONNECTION_WINDOW,
                Setup.STREAM_WINDOW,
                port,
                bytes);
        Path log = launch.log("client");
        double before = serving.cpu().toNanos() / 1e9;
        Side client = new Side(
                List.of("bash", "-c", "{ " + fetch + "; } 2>&1"), launch.cores().client(), log);
        try {
            String[] took = client.await("took", Compare.PATIENCE.plus(Duration.ofSeconds(30)));
            return new Cost(
                    Double.parseDouble(took[0]),
                    serving.cpu().toNanos() / 1e9 - before,
                    Double.parseDouble(took[1]) + Double.parseDouble(took[2]));
        } finally {
            client.end();
        }
    }

    @Override
    public void sample() throws InterruptedException {
        if (failure != null) {
            return;
        }
        try {
            Cost cost = fetch(BYTES).minus(fetch(LEAST));
            if (cost.wall() <= 0) {
                throw new PeerFailure("a gigabyte took no longer than a byte: it was not fetched");
            }
            double gb = BYTES / 1e9;
            samples.add(new Sample(
                    1000 * gb / cost.wall(),
                    cost.server() / gb,
                    cost.client() / gb,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN));
        } catch (PeerFailure | IOException e) {
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
        if (server != null) {
            server.end();
        }
    }
}
