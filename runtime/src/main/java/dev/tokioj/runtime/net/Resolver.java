package dev.tokioj.runtime.net;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Finds the addresses of a name. */
@FunctionalInterface
public interface Resolver {
    /**
     * The addresses of a name, best first, at least one. May park its caller; never blocks a loop.
     *
     * @throws UnknownHostException there are none
     * @throws SocketTimeoutException no answer in time
     */
    List<InetAddress> resolve(String host, Duration timeout) throws IOException;

    /**
     * The JDK's resolver, which blocks a thread: asked in the runtime's blocking pool. One that does not answer in time holds a thread
     * of the pool until the system gives up. Address literals are read at once.
     */
    static Resolver system(AsyncRuntime runtime) {
        return (host, timeout) -> {
            try {
                return List.of(InetAddress.ofLiteral(host));
            } catch (IllegalArgumentException notLiteral) {
                return ask(runtime, host, timeout);
            }
        };
    }

    private static List<InetAddress> ask(AsyncRuntime runtime, String host, Duration timeout) throws IOException {
        Task<List<InetAddress>> asked = runtime.spawnBlocking(() -> List.of(InetAddress.getAllByName(host)));
        try {
            return asked.join(timeout);
        } catch (TimeoutException e) {
            asked.cancel();
            SocketTimeoutException named =
                    new SocketTimeoutException("no answer for the name " + host + " in " + timeout);
            named.initCause(e);
            throw named;
        } catch (InterruptedException e) {
            asked.cancel();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the name " + host + " was looked up");
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the name " + host + " could not be looked up", e);
        }
    }
}
