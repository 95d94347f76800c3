package dev.tokioj.cli;

import java.io.PrintWriter;

/** One line on a terminal that tells how far a transfer is; silent when there is no terminal. One thread. */
final class Progress implements AutoCloseable {
    private static final long INTERVAL_NANOS = 100_000_000;
    private static final int BAR = 24;

    private final PrintWriter terminal;
    private final boolean shown;
    private final long total;
    private final long start;
    private long last;
    private long done;
    private int width;

    /**
     * @param terminal where to draw
     * @param shown false makes it silent
     * @param total bytes to come, or -1 when that is not known
     * @param now nanoseconds
     */
    Progress(PrintWriter terminal, boolean shown, long total, long now) {
        this.terminal = terminal;
        this.shown = shown;
        this.total = total;
        this.start = now;
        this.last = now;
    }

    /** More bytes came; draws at most ten times a second. */
    void advance(long bytes, long now) {
        done += bytes;
        if (shown && now - last >= INTERVAL_NANOS) {
            last = now;
            draw(now);
        }
    }

    private void draw(long now) {
        long elapsed = now - start;
        StringBuilder line = new StringBuilder();
        if (total > 0) {
            int filled = (int) Math.min(BAR, done * BAR / total);
            line.append('[').repeat('#', filled).repeat('.', BAR - filled).append("] ");
            line.append(String.format(java.util.Locale.ROOT, "%3d %%  ", Math.min(100, done * 100 / total)));
        }
        line.append(Amounts.bytes((double) done));
        if (total > 0) {
            line.append(" of ").append(Amounts.bytes((double) total));
        }
        line.append("  ").append(Amounts.rate(done, elapsed));
        if (total > done && done > 0) {
            line.append("  ")
                    .append(Amounts.time((long) ((double) elapsed / done * (total - done))))
                    .append(" left");
        }
        int length = line.length();
        terminal.print("\r" + line.repeat(' ', Math.max(0, width - length)));
        terminal.flush();
        width = length;
    }

    /** Takes the line away. */
    @Override
    public void close() {
        if (shown && width > 0) {
            terminal.print("\r" + " ".repeat(width) + "\r");
            terminal.flush();
        }
    }
}
