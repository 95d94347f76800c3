package dev.tokioj.runtime.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PoolConfigTest {
    private static final Duration NEGATIVE = Duration.ofNanos(-1);

    @Test
    void messagesNameTheSetting() {
        Map<String, UnaryOperator<PoolConfig.Builder>> wrong = Map.ofEntries(
                Map.entry("name", b -> b.name(" ")),
                Map.entry("maxTotal", b -> b.maxTotal(0)),
                Map.entry("maxPerKey", b -> b.maxTotal(3).maxPerKey(4)),
                Map.entry("maxWaiting", b -> b.maxWaiting(0)),
                Map.entry("borrowTimeout", b -> b.borrowTimeout(NEGATIVE)),
                Map.entry("connectTimeout", b -> b.connectTimeout(Duration.ZERO)),
                Map.entry("idleTimeout", b -> b.idleTimeout(NEGATIVE)),
                Map.entry("maxLifetime", b -> b.maxLifetime(Duration.ofDays(366))),
                Map.entry("healthCheckAfter", b -> b.healthCheckAfter(NEGATIVE)),
                Map.entry("healthCheckTimeout", b -> b.healthCheckTimeout(Duration.ZERO)),
                Map.entry("cleanupInterval", b -> b.cleanupInterval(Duration.ZERO)),
                Map.entry("closeTimeout", b -> b.closeTimeout(NEGATIVE)),
                Map.entry("leakSampling", b -> b.leakSampling(-1)));
        assertEquals(PoolConfig.class.getRecordComponents().length, wrong.size());
        wrong.forEach((setting, change) -> {
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> change.apply(PoolConfig.builder()).build());
            assertTrue(String.valueOf(e.getMessage()).startsWith(setting + ": "), e.getMessage());
        });
    }

    @Test
    void theGuidesValuesAreAPreset() {
        PoolConfig config = PoolConfig.tokioz().build();
        assertEquals(1000, config.maxTotal());
        assertEquals(1000, config.maxPerKey());
        assertEquals(Duration.ofSeconds(30), config.borrowTimeout());
        assertEquals(Duration.ofSeconds(30), config.connectTimeout());
        assertEquals(Duration.ofMinutes(5), config.idleTimeout());
    }

    @Test
    void aSmallPoolMayGiveAllToOneAddress() {
        assertEquals(4, PoolConfig.builder().maxTotal(4).build().maxPerKey());
        assertEquals(16, PoolConfig.builder().build().maxPerKey());
    }
}
