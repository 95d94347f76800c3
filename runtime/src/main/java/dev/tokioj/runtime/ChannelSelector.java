package dev.tokioj.runtime;

import java.io.IOException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A thread that waits with the JDK's selector beside a loop that waits with epoll: the JDK does not tell the descriptor of a
 * channel, so epoll cannot wait for one. Runs what it is given on that thread, which owns {@link #poller}.
 */
final class ChannelSelector implements Executor {
    private static final System.Logger LOG = System.getLogger(ChannelSelector.class.getName());

    final NioPoller poller = new NioPoller();
    private final ConcurrentLinkedQueue<Runnable> mail = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean stopped;

    ChannelSelector(String name) throws IOException {
        thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    @Override
    public void execute(Runnable body) {
        if (Thread.currentThread() == thread) {
            body.run();
        } else {
            mail.add(body);
            poller.wakeup();
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
                poller.poll(Poller.FOREVER);
                deliver();
            }
            deliver();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, thread.getName() + " cannot wait any more", e);
        }
    }

    private void deliver() {
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
