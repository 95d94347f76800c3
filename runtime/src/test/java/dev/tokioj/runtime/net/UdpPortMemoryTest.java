package dev.tokioj.runtime.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Poller;
import dev.tokioj.runtime.RuntimeConfig;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a loop has no memory for, its caller is told. */
@Timeout(60)
@Tag("once")
class UdpPortMemoryTest {
    /** Opens a port where there is no room for its buffer. */
    static final class Main {
        private Main() {}

        public static void main(String[] args) throws Exception {
            RuntimeConfig config =
                    RuntimeConfig.builder().loops(1).poller(Poller.Kind.NIO).build();
            try (AsyncRuntime runtime = AsyncRuntime.start(config)) {
                UdpPort.open(runtime, UdpOptions.builder().build()).close();
                System.out.println("child: opened");
            } catch (OutOfMemoryError e) {
                System.out.println("child: refused");
            }
        }
    }

    @Test
    void thereIsNoWaitForAPortThatCannotBeOpened() throws Exception {
        String out = ChildJvm.run(List.of(), List.of("-XX:MaxDirectMemorySize=40k"), Main.class);
        assertEquals(1, out.lines().filter(l -> l.equals("child: refused")).count(), out);
    }
}
