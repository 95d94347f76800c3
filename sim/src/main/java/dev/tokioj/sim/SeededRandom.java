package dev.tokioj.sim;

import java.security.Provider;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.Random;

/** A {@link SecureRandom} that is neither: what it gives depends on its seed alone. For simulations, never for keys that guard anything. */
public final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    /** A generator; the same seed gives the same bytes. */
    public SeededRandom(long seed) {
        super(new Spi(seed), new Source());
    }

    private static final class Source extends Provider {
        private static final long serialVersionUID = 1L;

        Source() {
            super("tokioj-sim", "1", "deterministic bytes for simulations");
        }
    }

    private static final class Spi extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        private final Random random;

        Spi(long seed) {
            random = new Random(seed);
        }

        @Override
        protected void engineSetSeed(byte[] seed) {
            // JCA may stir in entropy of its own; the run must not change.
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            random.nextBytes(bytes);
        }

        @Override
        protected byte[] engineGenerateSeed(int numBytes) {
            byte[] seed = new byte[numBytes];
            random.nextBytes(seed);
            return seed;
        }
    }
}
