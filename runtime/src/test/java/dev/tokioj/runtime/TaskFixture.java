package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A runtime for each test of tasks, which has none left at its end. */
abstract class TaskFixture {
    static final Duration LONG = Duration.ofSeconds(20);

    final Combination combination;
    AsyncRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    TaskFixture(Combination combination) {
        this.combination = combination;
    }

    @BeforeEach
    void start() throws IOException {
        runtime = AsyncRuntime.start(
                combination.config().drainTimeout(Duration.ZERO).build());
    }

    @AfterEach
    void close() {
        runtime.close();
        assertEquals(0, runtime.liveTasks());
    }
}
