package dev.tokioj.bench.stress;

import dev.tokioj.runtime.channel.ChannelClosedException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** A wait in a stress test, with its end as a number. */
final class StressWait {
    /** Nobody ended it. */
    static final int LOST = -9;

    static final int CLOSED = -8;
    static final int GAVE_UP = -7;
    /** What ends later than this was lost. */
    static final Duration PATIENCE = Duration.ofSeconds(5);
    /** So short that the end of the wait and what it waits for meet. */
    static final Duration BRIEF = Duration.ofNanos(400);

    private StressWait() {}

    /** What waits, and returns what it got. */
    interface Wait {
        int get() throws InterruptedException, TimeoutException;
    }

    /** What it got, or how else it ended after this time. */
    static int outcome(Wait wait, Duration timeout) {
        try {
            return wait.get();
        } catch (TimeoutException e) {
            return timeout.equals(BRIEF) ? GAVE_UP : LOST;
        } catch (ChannelClosedException e) {
            return CLOSED;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
