package dev.tokioj.net;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Messages are part of what is promised. */
final class Saying {
    private Saying() {}

    static void assertSays(String part, Throwable failure) {
        assertTrue(String.valueOf(failure.getMessage()).contains(part), failure::toString);
    }
}
