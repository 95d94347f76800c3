package dev.tokioj.runtime.pool;

import dev.tokioj.runtime.LoopLogger;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs operations one at a time, in the order of each thread's calls, without anybody waiting: who comes while one runs leaves his
 * operation behind, and who runs takes it over. So a callback of a loop may change what tasks change, and no lock can be held by a
 * task that is parked. Operations must be short, must not wait and must not run code of the user's that could.
 */
final class Serial {
    private static final System.Logger LOG = LoopLogger.of(System.getLogger(Serial.class.getName()));

    private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
    /** Operations that were brought and have not ended; who raises it from 0 runs. */
    private final AtomicInteger pending = new AtomicInteger();

    /** Any thread. The operation has run when this returns, unless another thread (or an operation, further up) runs just now. */
    void run(Runnable operation) {
        queue.add(operation);
        if (pending.getAndIncrement() != 0) {
            return;
        }
        do {
            Runnable next = queue.poll();
            try {
                if (next != null) { // always: it was added before it was counted
                    next.run();
                }
            } catch (Throwable e) {
                // Of a key's equals or hashCode, or a bug of ours; the next operations are others'.
                LOG.log(System.Logger.Level.ERROR, "an operation of a pool failed", e);
            }
        } while (pending.decrementAndGet() != 0);
    }
}
