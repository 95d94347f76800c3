package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EpollPoller;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.linux.Errno;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What cannot be opened for want of descriptors, memory or threads leaves nothing behind. */
@Timeout(60)
@Tag("once")
class ShortageTest {
    private static final List<String> NATIVE = List.of("--enable-native-access=ALL-UNNAMED");

    /** With the limits of the shell that starts it. */
    private static List<String> limited(String limit) {
        return List.of("sh", "-c", limit + " && exec \"$@\"", "sh");
    }

    @BeforeEach
    void onLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
    }

    /** A poller needs two descriptors and there is one: what it has for its events, 768 KB, is given back a thousand times. */
    static final class Pollers {
        private static final int TIMES = 1000;
        private static final int MOST_EVENTS = 1 << 16;

        private Pollers() {}

        public static void main(String[] args) throws IOException {
            new EpollPoller(0, MOST_EVENTS).close();
            System.out.println("child: meets " + Errno.name(Errno.EMFILE)); // to load that class needs a descriptor
            List<FileInputStream> taken = new ArrayList<>();
            try {
                while (true) {
                    taken.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException none) {
                taken.removeLast().close();
            }
            int failed = 0;
            for (int i = 0; i < TIMES; i++) {
                try {
                    new EpollPoller(0, MOST_EVENTS).close();
                } catch (IOException e) {
                    failed++;
                }
            }
            taken.removeLast().close();
            // Pages in use: of 4 KB at least.
            long pages =
                    Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
            System.out.println("child: failed " + failed + ", kept " + (pages * 4096 > TIMES * MOST_EVENTS * 12L / 2));
        }
    }

    @Test
    void aPollerThatCannotBeOpened() throws Exception {
        assertEquals(
                List.of("child: meets EMFILE (this process is out of descriptors)", "child: failed 1000, kept false"),
                ChildJvm.run(limited("ulimit -n 64"), NATIVE, Pollers.class)
                        .lines()
                        .toList());
    }

    /** Each thread wants a gigabyte of addresses for its stack, so not all loops get theirs. */
    static final class Loops {
        private Loops() {}

        public static void main(String[] args) throws Exception {
            RuntimeConfig config = RuntimeConfig.builder()
                    .name("short")
                    .loops(64)
                    .poller(Poller.Kind.EPOLL)
                    .placement(Placement.SHARED)
                    .build();
            new EpollPoller(true).close();
            long before = descriptors();
            try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
                System.out.println("child: all of " + runtime);
            } catch (OutOfMemoryError e) {
                long threads = Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().startsWith(config.name() + "-"))
                        .count();
                System.out.println("child: threads " + threads + ", descriptors " + (descriptors() - before));
            }
        }

        private static long descriptors() throws IOException {
            try (var each = Files.list(Path.of("/proc/self/fd"))) {
                return each.count();
            }
        }
    }

    @Test
    void aRuntimeThatCannotStartAllItsLoops() throws Exception {
        List<String> flags = new ArrayList<>(NATIVE);
        flags.addAll(List.of("-Xmx64m", "-XX:ThreadStackSize=1048576", "-Xlog:disable"));
        String out = ChildJvm.run(limited("ulimit -v 16000000"), flags, Loops.class);
        // The loops that end may miss the thread for what comes late, and say so.
        assertEquals(
                List.of("child: threads 0, descriptors 0"),
                out.lines().filter(line -> line.startsWith("child: ")).toList(),
                out);
    }
}
