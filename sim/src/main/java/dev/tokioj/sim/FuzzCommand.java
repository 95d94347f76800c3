package dev.tokioj.sim;

import java.util.Locale;

/** Runs a campaign for a time: {@code FuzzCommand [SECONDS] [SEED]}. Exit code 1 when the server failed. */
public final class FuzzCommand {
    private static final long SECOND = 1_000_000_000L;
    private static final long REPORT = 10 * SECOND;
    private static final long WARM_UP = 5 * SECOND;
    private static final long HEAP_ROOM = 64L << 20;

    private FuzzCommand() {}

    /** The program. */
    @SuppressWarnings("SystemOut") // a program, not a library
    public static void main(String[] args) {
        long seconds = args.length > 0 ? Long.parseLong(args[0]) : 600;
        long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
        System.out.println("fuzzing for " + seconds + " s, seed " + seed);
        FuzzCampaign campaign = new FuzzCampaign(seed);
        long start = System.nanoTime();
        long reported = start;
        long warm = -1;
        while (System.nanoTime() - start < seconds * SECOND) {
            campaign.round();
            long now = System.nanoTime();
            if (warm < 0 && now - start > WARM_UP) {
                warm = FuzzCampaign.heap();
            }
            if (now - reported > REPORT) {
                reported = now;
                report(campaign, (now - start) / SECOND);
            }
        }
        report(campaign, seconds);
        long heap = FuzzCampaign.heap();
        if (warm >= 0 && heap > warm + HEAP_ROOM) {
            System.out.println("the heap grew from " + (warm >> 20) + " to " + (heap >> 20) + " MiB");
            System.exit(1);
        }
    }

    private static void report(FuzzCampaign campaign, long seconds) {
        System.out.println(String.format(
                Locale.ROOT,
                "%4d s: %,d hostile datagrams, %,d attackers closed, %,d honest transfers, %d connections, %d MiB heap",
                seconds,
                campaign.datagrams(),
                campaign.insidersClosed(),
                campaign.honestTransfers(),
                campaign.connections(),
                FuzzCampaign.heap() >> 20));
    }
}
