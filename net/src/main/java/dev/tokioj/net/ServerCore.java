package dev.tokioj.net;

import dev.tokioj.quic.connection.Connection;
import dev.tokioj.quic.connection.ConnectionHandler;
import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.endpoint.Shared;
import dev.tokioj.runtime.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What both kinds of server are: shards, one a loop, where they listen, and the way to their end. Any thread. */
final class ServerCore {
    /** What is done on every loop. */
    interface OnLoop<T> {
        T get(Shard shard);
    }

    private final Resources resources;
    private final ServerLife life;
    // Set once, by listen.
    private volatile List<Shard> shards = List.of();
    private volatile List<InetSocketAddress> addresses = List.of();

    private ServerCore(Resources resources, ServerLife life) {
        this.resources = resources;
        this.life = life;
    }

    /**
     * A server that does not listen yet.
     *
     * @param name for messages
     * @param threads for the names of its threads
     */
    static ServerCore open(ServerBuilder<?> builder, String name, String threads) throws IOException {
        WarmUp.handshake();
        Resources resources = Resources.open(builder, threads);
        return new ServerCore(
                resources, new ServerLife(name, resources.runtime().clock(), builder.closeTimeout));
    }

    /** Once: opens the shards and binds the addresses; if it fails nothing is left open. */
    void listen(
            ServerBuilder<?> builder,
            List<String> alpn,
            Function<Shard, Function<Connection, @Nullable ConnectionHandler>> acceptors)
            throws IOException {
        List<Shard> opened = new ArrayList<>();
        try {
            QuicConfig config = builder.config.build();
            List<EventLoop> loops = ServerSockets.loops(resources.loops(builder.loops), builder.loops);
            Shared shared = Shared.of(builder.endpoint(resources, config, alpn), loops.size(), resources.random());
            Crossing crossing = new Crossing(loops.size(), builder.forwardBuffer);
            for (EventLoop loop : loops) {
                EndpointConfig own = builder.endpoint(resources, resources.listening(config), alpn);
                opened.add(Shard.open(
                        loop,
                        builder.settings(config),
                        own,
                        new Shard.Place(shared, opened.size(), crossing),
                        resources.random(),
                        acceptors));
            }
            shards = List.copyOf(opened);
            addresses = ServerSockets.bind(shards, shared.steering(), builder.addresses());
        } catch (IOException | RuntimeException e) {
            try {
                Shard.closeAll(opened, 0, "");
            } catch (IOException closing) {
                e.addSuppressed(closing); // of an interrupt, too: all are told to close
            } finally {
                resources.close();
            }
            throw e;
        }
    }

    Resources resources() {
        return resources;
    }

    ServerLife life() {
        return life;
    }

    List<InetSocketAddress> addresses() {
        return addresses;
    }

    /** Runs on every loop, one after the other, and waits. */
    <T> List<T> call(String what, OnLoop<T> body) throws IOException {
        List<T> answers = new ArrayList<>();
        for (Shard shard : shards) {
            answers.add(shard.call(what, () -> body.get(shard)));
        }
        return List.copyOf(answers);
    }

    int connectionCount() throws IOException {
        return call("connectionCount", Shard::connectionCount).stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    List<LoopStats> loopStats() throws IOException {
        return call("loopStats", Shard::stats);
    }

    /** Waits for the end; an interrupt is answered with {@code close}. */
    void run(Runnable close) throws InterruptedException {
        try {
            life.join();
        } catch (InterruptedException e) {
            close.run();
            throw e;
        }
    }

    /**
     * Ends: lets the tasks end, then the connections and sockets.
     *
     * @param announce tells the peers, or those who accept; does not wait
     * @param beforeLast what is waited for between the end of the tasks and that of the connections
     */
    void close(Runnable announce, ServerLife.Closer beforeLast, long code) {
        life.close(
                announce,
                () -> {
                    try {
                        beforeLast.close();
                    } finally {
                        Shard.closeAll(shards, code, "the server is closing");
                    }
                },
                resources::close);
    }
}
