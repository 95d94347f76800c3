package dev.tokioj.net;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.tls.TlsClientConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What both kinds of client share: shards, each with one socket, that take turns with the connections; names resolved off the
 * loop, addresses tried in turn. Any thread.
 */
final class ClientCore implements AutoCloseable {
    private enum State {
        OPEN,
        CLOSED
    }

    private final Resources resources;
    private final ShardSettings settings;
    private final QuicConfig config;
    private final TlsClientConfig tls;
    private final Duration headStart;
    private final Map<String, List<InetAddress>> hosts;
    private final List<EventLoop> loops;
    private final AtomicInteger turn = new AtomicInteger();

    /** Of the changes of {@code shards} and {@code state}; tasks that need a new shard wait for it, and no loop ever takes it. */
    private final ReentrantLock lock = new ReentrantLock();

    /** By loop; null: not opened yet. */
    private final AtomicReferenceArray<@Nullable ClientShard> shards;

    private volatile State state = State.OPEN;

    private ClientCore(Resources resources, ClientBuilder<?> builder, List<String> alpn) throws IOException {
        this.resources = resources;
        this.config = builder.config.build();
        this.settings = builder.settings(config);
        this.tls = resources.complete(
                TlsClientConfig.builder(alpn, builder.trust.verifier(builder.cryptoProvider), resources.random()),
                builder);
        this.headStart = builder.headStart;
        this.hosts = Map.copyOf(builder.hosts);
        this.loops = resources.loops(builder.loops);
        this.shards = new AtomicReferenceArray<>(loops.size());
    }

    static ClientCore open(ClientBuilder<?> builder, List<String> alpn) throws IOException {
        if (builder.trust.isCheckedByTheJdk()) {
            WarmUp.handshakeAndCertificateCheck();
        } else {
            WarmUp.handshake();
        }
        Resources resources = Resources.open(builder, "quic-client");
        try {
            ClientCore core = new ClientCore(resources, builder, alpn);
            core.open(0); // so that what cannot work is told at once
            return core;
        } catch (IOException | RuntimeException e) {
            resources.close();
            throw e;
        }
    }

    /** The shard of this number, opened if it was not. */
    ClientShard open(int number) throws IOException {
        ClientShard known = shards.get(number);
        if (known != null && state == State.OPEN) {
            return known;
        }
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Failures.interrupted("connect");
        }
        try {
            if (state == State.CLOSED) {
                throw new IOException("the client is closed");
            }
            known = shards.get(number);
            if (known == null) {
                known = ClientShard.open(resources, settings, config, tls, loops.get(number));
                shards.set(number, known);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    Resources resources() {
        return resources;
    }

    /** Waits for the first of the host's addresses with which a handshake is completed; {@code dialers}: by the shard to use. */
    <A> A connect(String host, int port, Function<ClientShard, Connecting.Dialer<A>> dialers) throws IOException {
        EventLoop.checkMayBlock("connect");
        ClientShard shard = next();
        List<InetSocketAddress> addresses =
                Connecting.order(resolve(host), port, shard.socket().features().dualStack());
        if (addresses.isEmpty()) {
            throw new UnknownHostException(host + " has no address of a family that this machine has");
        }
        return connect(shard, addresses, dialers.apply(shard));
    }

    <A> A connect(List<InetSocketAddress> addresses, Function<ClientShard, Connecting.Dialer<A>> dialers)
            throws IOException {
        ClientShard shard = next();
        return connect(shard, addresses, dialers.apply(shard));
    }

    private ClientShard next() throws IOException {
        return open(Math.floorMod(turn.getAndIncrement(), loops.size()));
    }

    private <A> A connect(ClientShard to, List<InetSocketAddress> addresses, Connecting.Dialer<A> dialer)
            throws IOException {
        Shard shard = to.shard();
        Reply<A> reply = new Reply<>();
        Connecting<A> connecting = new Connecting<>(shard, addresses, headStart, dialer, reply);
        shard.execute(connecting::dialNext);
        try {
            return reply.await("connect");
        } catch (InterruptedIOException e) {
            shard.execute(connecting::cancel);
            throw e;
        }
    }

    /** Off the loop: the JDK's resolver holds its thread while it asks the network. */
    private InetAddress[] resolve(String host) throws IOException {
        List<InetAddress> known = hosts.get(host.toLowerCase(Locale.ROOT));
        if (known != null) {
            return known.toArray(InetAddress[]::new);
        }
        try {
            return resources
                    .runtime()
                    .spawnBlocking(() -> InetAddress.getAllByName(host))
                    .join();
        } catch (InterruptedException e) {
            throw Failures.interrupted("connect");
        } catch (UnknownHostException e) {
            UnknownHostException named =
                    new UnknownHostException(host + ": no such host, or the name service cannot be reached");
            named.initCause(e);
            throw named;
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("resolving " + host + " failed", e);
        }
    }

    @Override
    public void close() throws IOException {
        // A callback would stand behind a task of its loop that holds the lock and waits for the loop.
        EventLoop.checkMayBlock("close");
        lock.lock();
        try {
            state = State.CLOSED;
            List<Shard> opened = new ArrayList<>();
            for (int i = 0; i < shards.length(); i++) {
                ClientShard shard = shards.get(i);
                if (shard != null) {
                    opened.add(shard.shard());
                }
            }
            Shard.closeAll(opened, 0, "the client is closing");
        } finally {
            lock.unlock();
            resources.close();
        }
    }
}
