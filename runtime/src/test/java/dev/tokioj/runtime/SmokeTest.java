package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SmokeTest {
    @Test
    void spawnsSleepsAndJoins() throws Exception {
        int value = TokioJ.run(() -> {
            Task<Integer> child = TokioJ.spawnUrgent(() -> {
                TokioJ.sleep(Duration.ofMillis(5));
                return 41;
            });
            return child.join(Duration.ofSeconds(5)) + 1;
        });
        assertEquals(42, value);
    }
}
