package dev.tokioj.sim;

import java.util.Random;

/**
 * What one direction of a link does to datagrams. Rates are probabilities from 0 to 1; the queue is drop-tail.
 *
 * @param delay one-way propagation, ns
 * @param bandwidth bits per second; 0: unlimited
 * @param queue datagrams that wait for the link, at most
 * @param loss chance that a datagram is lost
 * @param burst losses (or corruptions) in a row, at most; 0: no bound
 * @param corruption chance that a byte of a datagram is changed
 * @param duplication chance that a datagram comes twice
 * @param reordering chance that a datagram is held back
 * @param holdBack how long then, at most, ns
 * @param marking chance that an ECN-capable datagram is marked CE
 */
public record LinkProfile(
        long delay,
        long bandwidth,
        int queue,
        double loss,
        int burst,
        double corruption,
        double duplication,
        double reordering,
        long holdBack,
        double marking) {

    /** 15 ms, 10 Mbit/s, 25 datagrams: the interop runner's usual link. */
    public static final LinkProfile USUAL = clean(15_000_000, 10_000_000, 25);

    /** A link that does nothing but take time. */
    public static LinkProfile clean(long delay, long bandwidth, int queue) {
        return new LinkProfile(delay, bandwidth, queue, 0, 0, 0, 0, 0, 0, 0);
    }

    /** A bad link, different for each seed: up to 5 % loss, corruption, duplication and reordering, 1 to 100 ms, 2 to 100 Mbit/s. */
    public static LinkProfile bad(Random random) {
        long delay = 1_000_000L + random.nextInt(100_000_000);
        return new LinkProfile(
                delay,
                2_000_000L + random.nextInt(98_000_000),
                20 + random.nextInt(200),
                random.nextDouble() * 0.05,
                3,
                random.nextDouble() * 0.02,
                random.nextDouble() * 0.02,
                random.nextDouble() * 0.05,
                1 + random.nextLong(delay),
                random.nextDouble() * 0.02);
    }

    /** The same with other losses. */
    public LinkProfile withLoss(double rate, int inARow) {
        return new LinkProfile(
                delay, bandwidth, queue, rate, inARow, corruption, duplication, reordering, holdBack, marking);
    }

    /** The same with other corruption. */
    public LinkProfile withCorruption(double rate, int inARow) {
        return new LinkProfile(delay, bandwidth, queue, loss, inARow, rate, duplication, reordering, holdBack, marking);
    }
}
