package dev.tokioj.runtime;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The {@link IoRegistration}s of one loop: a list through their own links, closed when the loop ends. The loop's
 * thread only, but for {@link #selector}.
 */
final class LoopIo {
    private final EventLoop loop;
    private @Nullable IoRegistration first;
    /** Made without a lock: a task that holds one may be off its carrier, and the loop itself comes here in callbacks. */
    private final AtomicReference<@Nullable ChannelSelector> selector = new AtomicReference<>();

    private volatile boolean ended;

    LoopIo(EventLoop loop) {
        this.loop = loop;
    }

    /** Keeps it, or closes it if the loop has ended. */
    boolean add(IoRegistration registration) {
        if (ended) {
            registration.closeNow("the loop " + loop + " has ended");
            return false;
        }
        IoRegistration second = first;
        registration.nextOnLoop = second;
        if (second != null) {
            second.previousOnLoop = registration;
        }
        first = registration;
        registration.isListed = true;
        return true;
    }

    void remove(IoRegistration registration) {
        if (!registration.isListed) {
            return;
        }
        registration.isListed = false;
        IoRegistration before = registration.previousOnLoop;
        IoRegistration after = registration.nextOnLoop;
        if (before != null) {
            before.nextOnLoop = after;
        } else if (first == registration) {
            first = after;
        }
        if (after != null) {
            after.previousOnLoop = before;
        }
        registration.previousOnLoop = null;
        registration.nextOnLoop = null;
    }

    /** Any thread: serves channels of the JDK for a loop that polls descriptors; made when it is first needed. */
    ChannelSelector selector() throws IOException {
        while (true) {
            ChannelSelector known = selector.get();
            if (known == null && !ended) {
                ChannelSelector made = new ChannelSelector(loop, loop + "-channels", this::lost);
                if (selector.compareAndSet(null, made)) {
                    known = made;
                } else {
                    made.stop();
                }
            }
            // Looked at after it is there to be found: either the end stops it, or we do.
            if (ended) {
                if (known != null) {
                    known.stop();
                }
                throw new IoClosedException("the loop " + loop + " has ended");
            }
            if (known != null) {
                return known;
            }
        }
    }

    /** From the selector's thread: it waits no more. The next channel gets another. */
    private void lost(ChannelSelector dead) {
        selector.compareAndSet(dead, null);
        loop.execute(() -> {
            // Gathered first: a close calls back, and may change the list.
            List<IoRegistration> orphans = new ArrayList<>();
            for (IoRegistration each = first; each != null; each = each.nextOnLoop) {
                if (each.isOwnedBy(dead)) {
                    orphans.add(each);
                }
            }
            orphans.forEach(each -> each.closeNow("its selector has failed"));
            dead.deliver();
        });
    }

    /** At the end of the loop, before its poller is closed. */
    void end() {
        ended = true;
        ChannelSelector made = selector.get();
        for (IoRegistration each = first; each != null; each = first) {
            IoRegistration ending = each;
            remove(ending);
            // What one's owner throws must not leave the others' waiters waiting.
            loop.guarded("closing a registration", () -> ending.closeNow("the loop " + loop + " has ended"));
        }
        if (made != null) {
            made.stop();
        }
    }
}
