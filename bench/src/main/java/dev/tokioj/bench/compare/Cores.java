package dev.tokioj.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the two sides run.
 *
 * @param server its core; negative: not pinned
 * @param client its core; negative: not pinned
 * @param said in words
 */
record Cores(int server, int client, String said) {
    private static final Path STATUS = Path.of("/proc/self/status");

    /** The first two that this process may use. */
    static Cores allowed() throws IOException {
        if (!Files.isReadable(STATUS) || !Files.isExecutable(Path.of("/usr/bin/taskset"))) {
            return new Cores(-1, -1, "sides NOT PINNED to cores (that needs Linux and taskset)");
        }
        List<Integer> allowed = new ArrayList<>();
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("Cpus_allowed_list:")) {
                for (String range :
                        line.substring(line.indexOf(':') + 1).strip().split(",")) {
                    String[] ends = range.split("-");
                    for (int core = Integer.parseInt(ends[0]);
                            core <= Integer.parseInt(ends[ends.length - 1]);
                            core++) {
                        allowed.add(core);
                    }
                }
            }
        }
        if (allowed.size() < 2) {
            return new Cores(-1, -1, "both sides on ONE CORE: there is no second");
        }
        return new Cores(
                allowed.get(0),
                allowed.get(1),
                "server on core " + allowed.get(0) + ", client on core " + allowed.get(1));
    }
}
