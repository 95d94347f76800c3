package dev.tokioj.net;

import dev.tokioj.http3.Http3Config;
import dev.tokioj.http3.Http3Error;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.SpawnOptions;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/3 client (RFC 9114). Requests to one host and port share a connection. Any thread; what waits parks a virtual thread, never a
 * loop, and an interrupt ends the wait with {@link InterruptedIOException}.
 *
 * <pre>{@code
 * try (var client = Http3Client.builder().trust(ca).build()) {
 *     Response response = client.get(URI.create("https://localhost:8443/api/test"));
 *     use(response.status(), response.text());
 * }
 * }</pre>
 */
public final class Http3Client implements AutoCloseable {
    /** The ALPN name of HTTP/3 (RFC 9114 section 3.1). */
    static final String ALPN = "h3";

    /** A request that was rejected before it was worked on may be made again (RFC 9114 section 4.1.1); more is the server's wish. */
    private static final int ATTEMPTS = 3;

    /** Hosts remembered until those without a connection are forgotten: a crawler's thousands, at some 200 bytes each. */
    private static final int MAX_SLOTS = 1024;

    /** The connection to one host and port; tasks that need it while it is made wait for the lock, and no loop ever takes it. */
    private static final class Slot {
        final ReentrantLock lock = new ReentrantLock();
        volatile @Nullable Http3ClientSession session;
    }

    private final ClientCore core;
    private final Http3Config http3;
    private final Map<String, Slot> slots = new ConcurrentHashMap<>();

    private Http3Client(ClientCore core, Http3Config http3) {
        this.core = core;
        this.http3 = http3;
    }

    /** A builder. */
    public static Builder builder() {
        return new Builder();
    }

    /** Gets what is there. See {@link #send}. */
    public Response get(URI uri) throws IOException {
        return send(Request.get(uri));
    }

    /**
     * Makes a request and waits for the head of the response. A streamed body is written by a task of its own, so that the response may
     * come before its end.
     *
     * @throws Http3Exception if the server gave up the request, with its code
     * @throws StreamTimeoutException if the request's timeout passed; the request is given up
     * @throws HandshakeTimeoutException if nobody answered
     * @throws HandshakeFailedException if no connection could be made; the message says why and what to try
     */
    public Response send(Request request) throws IOException {
        EventLoop.checkMayBlock("send");
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt(request, session(request));
            } catch (Http3Exception e) {
                boolean again = e.code() == Http3Error.H3_REQUEST_REJECTED.code()
                        && !(request.body() instanceof Request.Body.Streamed)
                        && attempt < ATTEMPTS;
                if (!again) {
                    throw e;
                }
            }
        }
    }

    private Response attempt(Request request, Http3ClientSession session) throws IOException {
        Shard shard = session.shard();
        Reply<Response> reply = new Reply<>();
        ResponseCore response = new ResponseCore(session, request, reply);
        Task<?> upload = startBody(shard, request, response);
        shard.execute(reply.failingWith("send", () -> session.send(response)));
        Duration timeout = request.timeout();
        try {
            return timeout == null
                    ? reply.await("send")
                    : reply.await("send", shard.waiting(), shard.deadline(timeout));
        } catch (StreamTimeoutException e) {
            StreamTimeoutException named = new StreamTimeoutException(
                    response.who() + ": no response in " + timeout + "; the request is given up", 0);
            response.cancel(named);
            cancel(upload);
            throw named;
        } catch (InterruptedIOException e) {
            response.cancel(e);
            cancel(upload);
            throw e;
        } catch (IOException e) {
            cancel(upload);
            throw e;
        }
    }

    /** It may wait for what it is to send, and not for room to send it. */
    private static void cancel(@Nullable Task<?> upload) {
        if (upload != null) {
            upload.cancel();
        }
    }

    private @Nullable Task<?> startBody(Shard shard, Request request, ResponseCore response) throws IOException {
        switch (request.body()) {
            case Request.Body.None _ -> {
                if (!request.isBare()) {
                    response.writer().end(request.trailers());
                }
                return null;
            }
            case Request.Body.Bytes(byte[] content) -> {
                if (content.length <= shard.settings().outboundCapacity()) {
                    writeBody(request, response, out -> out.write(content), content.length); // fits: does not wait
                    return null;
                }
                return spawnBody(request, response, out -> out.write(content), content.length);
            }
            case Request.Body.Streamed(BodyWriter writer, long length) -> {
                return spawnBody(request, response, writer, length);
            }
        }
    }

    private Task<?> spawnBody(Request request, ResponseCore response, BodyWriter writer, long length) {
        SpawnOptions options = SpawnOptions.DEFAULT.named("http3-upload").placement(Placement.SHARED);
        return core.resources().runtime().spawn(options, () -> {
            try {
                writeBody(request, response, writer, length);
            } catch (QuicException e) {
                // The server needs no more of it, or the exchange has failed: the response tells.
                Shard.LOG.log(System.Logger.Level.DEBUG, "the content of " + request + " was not all sent", e);
            } catch (IOException | RuntimeException e) {
                response.cancel(unmade(request, e));
            } catch (Error e) {
                // The sender must hear of it whatever it was; the task then fails with it.
                response.cancel(unmade(request, e));
                throw e;
            }
        });
    }

    private static IOException unmade(Request request, Throwable e) {
        return new IOException("the content of " + request + " could not be made", e);
    }

    private static void writeBody(Request request, ResponseCore response, BodyWriter writer, long length)
            throws IOException {
        OutputStream out = new BodyOutput(
                response.writer().out(), length, () -> response.writer().end(request.trailers()));
        writer.writeTo(out);
        out.close(); // not if it failed: then the content has no end
    }

    /** The connection for this request: the one there is, or a new one. */
    private Http3ClientSession session(Request request) throws IOException {
        if (slots.size() > MAX_SLOTS) {
            forgetUnused();
        }
        Slot slot = slots.computeIfAbsent(request.authority(), _ -> new Slot());
        Http3ClientSession session = slot.session;
        if (session != null && session.isUsable()) {
            return session;
        }
        try {
            slot.lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Failures.interrupted("send");
        }
        try {
            session = slot.session;
            if (session == null || !session.isUsable()) {
                session = core.connect(request.host(), request.port(), shard -> new Dialer(shard, request.host()));
                slot.session = session;
            }
            return session;
        } finally {
            slot.lock.unlock();
        }
    }

    private void forgetUnused() {
        slots.values().removeIf(slot -> {
            Http3ClientSession session = slot.session;
            return (session == null || !session.isUsable()) && !slot.lock.isLocked();
        });
    }

    /** Closes every connection at once; requests that are under way fail. */
    @Override
    public void close() throws IOException {
        core.close();
    }

    private final class Dialer implements Connecting.Dialer<Http3ClientSession> {
        private final ClientShard shard;
        private final String name;

        Dialer(ClientShard shard, String name) {
            this.shard = shard;
            this.name = name;
        }

        @Override
        public Http3ClientSession dial(InetSocketAddress remote, Connecting<Http3ClientSession> told) {
            String peer = name + " (" + remote + ")";
            Http3ClientSession session = new Http3ClientSession(
                    shard.shard(), http3, core.resources().random(), peer, told);
            return session.attach(shard.dial(remote, name, session.handler()));
        }

        @Override
        public void abandon(Http3ClientSession attempt) {
            attempt.close();
        }
    }

    /** What this client needs besides what {@link ClientBuilder} has. */
    public static final class Builder extends ClientBuilder<Builder> {
        private Http3Config http3 = Http3Config.defaults();

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /** The limits of HTTP/3 itself. */
        public Builder http3(Http3Config value) {
            http3 = value;
            return this;
        }

        /** The client. */
        public Http3Client build() throws IOException {
            return new Http3Client(ClientCore.open(this, List.of(ALPN)), http3);
        }
    }
}
