package dev.tokioj.quic.connection;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** A SecureRandom that repeats itself: the same seed, the same connection. */
@SuppressWarnings("serial")
final class SeededRandom extends SecureRandom {
    private final transient RandomGenerator generator;

    SeededRandom(long seed) {
        generator = RandomGeneratorFactory.of("Xoroshiro128PlusPlus").create(seed);
    }

    @Override
    public void nextBytes(byte[] bytes) {
        generator.nextBytes(bytes);
    }
}
