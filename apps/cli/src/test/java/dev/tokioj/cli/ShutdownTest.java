package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ShutdownTest {
    /** A server that cannot say that it is ready. */
    static final class Unready {
        private Unready() {}

        public static void main(String[] arguments) throws InterruptedException {
            Shutdown.drainOnSignal(
                    () -> {},
                    () -> {
                        throw new IllegalStateException("cannot say so");
                    },
                    () -> {});
        }
    }

    /** The hook that makes a success of a signal's end made one of this. */
    @Test
    void whatFailsIsNoSuccess() throws Exception {
        Process process = ChildJvm.of(Unready.class).start();
        try {
            process.waitFor(60, TimeUnit.SECONDS);
            assertEquals(1, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }
}
