package dev.tokioj.runtime.waiters;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.runtime.Waiting;
import org.junit.jupiter.api.Test;

class WaiterTest {
    /** Cannot wait, and says so after {@code first}. */
    private record Unable(Runnable first) implements Waiting {
        @Override
        public boolean isLoopThread() {
            return false;
        }

        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public void parkUntil(Object blocker, long deadlineNanos) {
            first.run();
            throw new IllegalStateException("no timers");
        }
    }

    @Test
    void whoCannotWaitHasEitherTakenWhatWasGivenOrNothing() throws Exception {
        Waiter given = new Waiter();
        WaitNode node = new WaitNode(given, null);
        Waiting afterGiving = new Unable(() -> {
            assertTrue(given.claim());
            given.complete(node);
        });
        assertTrue(given.await(afterGiving, this, 1));
        assertSame(node, given.winner());

        Waiter alone = new Waiter();
        assertThrows(IllegalStateException.class, () -> alone.await(new Unable(() -> {}), this, 1));
        assertFalse(alone.claim(), "nobody gives to who has gone");
    }
}
