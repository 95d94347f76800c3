package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.Poller;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Without flags everything works over NIO, one line says what flag would help, and the JVM has nothing to warn of. */
@Timeout(60)
@Tag("once")
class FlaglessTest {
    /** Opens two pollers the default way and sends a datagram to itself. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws IOException {
            for (int i = 0; i < 2; i++) {
                try (TestHost host = TestHost.at(Poller.Kind.AUTO, "127.0.0.1")) {
                    host.send(new byte[9], 1200, host.address("127.0.0.1"));
                    int length = host.await().bytes().length;
                    System.out.println("child: " + host.poller.describe() + " " + length);
                }
            }
            try (Poller forced = Poller.open(Poller.Kind.EPOLL, false)) {
                System.out.println("child: forced " + forced.describe());
            } catch (IOException e) {
                System.out.println("child: " + e.getMessage());
            }
        }
    }

    @BeforeEach
    void onLinux() {
        assumeTrue(System.getProperty("os.name").equals("Linux"));
    }

    @Test
    void withoutNativeAccessNioServesAndOneLineNamesTheFlag() throws Exception {
        String out = ChildJvm.run(List.of(), List.of(), Main.class);
        assertEquals(2, out.lines().filter(l -> l.equals("child: nio 9")).count(), out);
        String flag = "--enable-native-access=ALL-UNNAMED";
        assertEquals(
                1,
                out.lines()
                        .filter(l -> l.contains("go over NIO") && l.contains(flag))
                        .count(),
                out);
        assertTrue(out.contains("child: no epoll"), out);
        assertFalse(out.contains("WARNING"), out);
    }

    @Test
    void withTheFlagEpollServesAndNothingIsSaid() throws Exception {
        String out = ChildJvm.run(List.of(), List.of("--enable-native-access=ALL-UNNAMED"), Main.class);
        assertEquals(
                List.of("child: epoll 9", "child: epoll 9", "child: forced epoll"),
                out.lines().toList(),
                out);
    }
}
