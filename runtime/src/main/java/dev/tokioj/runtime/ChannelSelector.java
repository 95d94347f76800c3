package dev.tokioj.runtime;

import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits with the JDK's selector beside a loop that waits with epoll: the JDK does not tell the descriptor of a
 * channel, so epoll cannot wait for one. Runs what it is given on that thread, which owns {@link #poller}.
 *
 * <p>If it cannot wait any more, or fails {@value #MOST_FAILURES} times in a row, it is lost: it says so once, and from then on its
 * loop runs what it is given, so that nobody's mail stays unread. Its channels are closed and the next one gets another selector.
 */
final class ChannelSelector implements Executor {
    private static final System.Logger LOG = System.getLogger(ChannelSelector.class.getName());

    /** Beyond these it is no channel's matter any more: it would say the same for ever, and eat a core over it. */
    private static final int MOST_FAILURES = 10;

    final NioPoller poller = new NioPoller();
    private final ConcurrentLinkedQueue<Runnable> mail = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private final EventLoop loop;
    private final Consumer<ChannelSelector> onLost;
    private volatile boolean stopped;
    private volatile boolean lost;
    /** Its thread's. */
    private int failuresInARow;

    /** Starts the thread; {@code onLost} is told there, at most once, that it has ended before it was stopped. */
    ChannelSelector(EventLoop loop, String name, Consumer<ChannelSelector> onLost) throws IOException {
        this.loop = loop;
        this.onLost = onLost;
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    @Override
    public void execute(Runnable body) {
        if (Thread.currentThread() == thread) {
            body.run();
        } else {
            mail.add(body);
            poller.wakeup();
            if (lost) {
                loop.execute(this::deliver);
            }
        }
    }

    /** Any thread: ends after what was given before. Does not wait. */
    void stop() {
        stopped = true;
        poller.wakeup();
    }

    private void run() {
        try (poller) {
            while (!stopped) {
                poll();
                deliver();
            }
            deliver();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, Thread.currentThread().getName() + " cannot wait any more", e);
        } finally {
            if (!stopped) {
                // Before anybody is told: who gives something after this sees it, and what was given before is in the
                // mail.
                lost = true;
                onLost.accept(this);
            }
        }
    }

    private void poll() throws IOException {
        try {
            poller.poll(Poller.FOREVER);
            failuresInARow = 0;
        } catch (RuntimeException e) {
            if (++failuresInARow == MOST_FAILURES) {
                throw new IOException(MOST_FAILURES + " polls in a row have failed", e);
            }
            // One channel's matter, and the others still wait.
            LOG.log(System.Logger.Level.ERROR, Thread.currentThread().getName() + " failed in a poll and goes on", e);
        }
    }

    /** Its thread; once it is lost, the loop. */
    void deliver() {
        @Nullable Runnable body;
        while ((body = mail.poll()) != null) {
            try {
                body.run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "a change of a registration failed", e);
            }
        }
    }
}
