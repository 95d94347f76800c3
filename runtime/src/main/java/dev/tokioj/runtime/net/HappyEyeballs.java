package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.IoRegistration;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskWaker;
import dev.tokioj.runtime.Waiting;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Connects by name to whichever address answers first (RFC 8305): the addresses of the two families take turns (section 4), an attempt
 * starts when the one before has failed or 250 ms after its start (section 5), the first that succeeds is taken and the others are
 * closed. Any thread that may wait.
 */
public final class HappyEyeballs {
    /** Connection Attempt Delay (RFC 8305 section 8). */
    public static final Duration ATTEMPT_DELAY = Duration.ofMillis(250);

    /** One attempt. */
    @FunctionalInterface
    interface Connector {
        TcpStream connect(AsyncRuntime runtime, InetSocketAddress remote, TcpOptions options, Duration timeout)
                throws IOException;
    }

    private final AsyncRuntime runtime;
    private final Resolver resolver;
    private final Connector connector;

    HappyEyeballs(AsyncRuntime runtime, Resolver resolver, Connector connector) {
        this.runtime = runtime;
        this.resolver = resolver;
        this.connector = connector;
    }

    /** With the system's resolver. */
    public static HappyEyeballs of(AsyncRuntime runtime) {
        return of(runtime, Resolver.system(runtime));
    }

    /** With this resolver. */
    public static HappyEyeballs of(AsyncRuntime runtime, Resolver resolver) {
        return new HappyEyeballs(runtime, resolver, TcpStream::connect);
    }

    /**
     * Connects.
     *
     * @param timeout for all of it, the name included, on the clock of the caller's runtime
     * @throws java.net.UnknownHostException no such name
     * @throws SocketTimeoutException not connected in time
     * @throws InterruptedIOException interrupted; the flag stays set and every attempt is ended
     * @throws IOException every address failed: the first failure, the others suppressed in it
     */
    public TcpStream connect(String host, int port, TcpOptions options, Duration timeout) throws IOException {
        EventLoop.checkMayBlock("connecting by name");
        Waiting waiting = Waiting.current();
        long deadline = IoRegistration.deadlineIn(timeout);
        List<InetAddress> addresses = interleaved(resolver.resolve(host, timeout));
        return new Race(host + ":" + port, options, waiting, deadline, timeout).run(addresses, port);
    }

    /** RFC 8305 section 4: the resolver's order within a family, its first family first, then in turn. */
    static List<InetAddress> interleaved(List<InetAddress> addresses) {
        if (addresses.isEmpty()) {
            return addresses;
        }
        Class<?> firstFamily = addresses.get(0).getClass();
        Queue<InetAddress> first = new ArrayDeque<>();
        Queue<InetAddress> second = new ArrayDeque<>();
        addresses.forEach(a -> (a.getClass() == firstFamily ? first : second).add(a));
        List<InetAddress> mixed = new ArrayList<>();
        while (!first.isEmpty() || !second.isEmpty()) {
            takeTurn(first, mixed);
            takeTurn(second, mixed);
        }
        return mixed;
    }

    private static void takeTurn(Queue<InetAddress> from, List<InetAddress> to) {
        InetAddress next = from.poll();
        if (next != null) {
            to.add(next);
        }
    }

    /** The attempts of one connect. The caller's thread starts them; each tells its end by the waker. */
    private final class Race {
        private final String name;
        private final TcpOptions options;
        private final Waiting waiting;
        private final long deadline;
        private final Duration timeout;
        private final TaskWaker ended = new TaskWaker();
        private final ConcurrentLinkedQueue<IOException> failed = new ConcurrentLinkedQueue<>();
        /** The stream that won, or the race itself once it takes no winner. */
        private final AtomicReference<@Nullable Object> winner = new AtomicReference<>();

        private final List<Task<?>> attempts = new ArrayList<>();
        private final List<IOException> failures = new ArrayList<>();

        Race(String name, TcpOptions options, Waiting waiting, long deadline, Duration timeout) {
            this.name = name;
            this.options = options;
            this.waiting = waiting;
            this.deadline = deadline;
            this.timeout = timeout;
        }

        TcpStream run(List<InetAddress> addresses, int port) throws IOException {
            try {
                return await(addresses, port);
            } catch (IOException | RuntimeException e) {
                if (!winner.compareAndSet(null, this) && winner.get() instanceof TcpStream late) {
                    late.close();
                }
                throw e;
            } finally {
                attempts.forEach(Task::cancel);
            }
        }

        private TcpStream await(List<InetAddress> addresses, int port) throws IOException {
            int next = 0;
            long nextAt = waiting.nanoTime();
            while (true) {
                if (winner.get() instanceof TcpStream won) {
                    return won;
                }
                long now = waiting.nanoTime();
                IOException failure;
                while ((failure = failed.poll()) != null) {
                    failures.add(failure);
                    nextAt = now;
                }
                if (now - deadline >= 0) {
                    throw all(new SocketTimeoutException("connect to " + name + ": not connected in " + timeout));
                }
                if (next < addresses.size() && now - nextAt >= 0) {
                    start(new InetSocketAddress(addresses.get(next++), port), Duration.ofNanos(deadline - now));
                    nextAt = now + ATTEMPT_DELAY.toNanos();
                    continue;
                }
                if (failures.size() == addresses.size()) {
                    throw all(
                            failures.isEmpty()
                                    ? new java.net.UnknownHostException(name + " has no address")
                                    : failures.remove(0));
                }
                boolean more = next < addresses.size() && nextAt - deadline < 0;
                sleepUntil(more ? nextAt : deadline);
            }
        }

        private IOException all(IOException first) {
            failures.forEach(first::addSuppressed);
            return first;
        }

        private void sleepUntil(long moment) throws InterruptedIOException {
            try {
                // Woken or due: the caller looks either way.
                ended.awaitUntil(moment);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted in a connect to " + name);
            }
        }

        private void start(InetSocketAddress remote, Duration left) {
            attempts.add(runtime.spawn(SpawnOptions.DEFAULT.named("connect to " + remote), () -> {
                try {
                    TcpStream stream = connector.connect(runtime, remote, options, left);
                    if (!winner.compareAndSet(null, stream)) {
                        stream.close();
                    }
                } catch (IOException e) {
                    failed.add(e);
                } catch (RuntimeException | Error e) {
                    failed.add(new IOException("connect to " + remote + " failed: " + e, e));
                } finally {
                    ended.wake();
                }
            }));
        }
    }
}
