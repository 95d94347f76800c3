package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoopLogTest {
    @Test
    void beyondItsBoundLinesAreCountedAndLaterTakenAgain() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(
                RuntimeConfig.builder().loops(1).poller(Poller.Kind.NIO).build())) {
            LoopLog log = new LoopLog(); // nobody writes it until we do
            EventLoop loop = runtime.loops().get(0);
            for (int i = 0; i < 1500; i++) {
                log.failed(loop, "a callback that was meant to fail", new IllegalStateException());
            }
            assertEquals(1500 - 1024, log.dropped());
            log.write();
            log.failed(loop, "a callback that was meant to fail", new IllegalStateException());
            assertEquals(1500 - 1024, log.dropped());
        }
    }
}
