package dev.tokioj.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The short form of {@link FuzzCommand}; {@code -Dtokioj.fuzzSeconds=N} and {@code -Dtokioj.seed=N} change it. */
@Isolated // looks at the heap
final class FuzzTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aServerUnderMutatedDatagramsGoesOnServingInBoundedMemory() {
        long seed = Long.getLong("tokioj.seed", 1);
        FuzzCampaign campaign = new FuzzCampaign(seed);
        long end = System.nanoTime() + Long.getLong("tokioj.fuzzSeconds", 15) * SECOND;
        for (int i = 0; i < 20; i++) {
            campaign.round();
        }
        long before = FuzzCampaign.heap();
        do {
            campaign.round();
        } while (System.nanoTime() < end);
        long after = FuzzCampaign.heap();
        assertTrue(campaign.datagrams() > 2000, () -> "seed " + seed + ": only " + campaign.datagrams());
        assertTrue(campaign.insidersClosed() > 0, () -> "seed " + seed);
        assertTrue(
                after < before + (48L << 20),
                () -> "seed " + seed + ": heap from " + (before >> 20) + " to " + (after >> 20) + " MiB");
    }
}
