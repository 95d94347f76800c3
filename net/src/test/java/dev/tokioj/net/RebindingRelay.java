package dev.tokioj.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A NAT between a client and a server, that gives the client another port whenever it is told to. What comes to an earlier port
 * still gets through, as it does with real ones for a while.
 */
final class RebindingRelay implements AutoCloseable {
    private final InetSocketAddress server;
    private final Selector selector = Selector.open();
    private final DatagramChannel inside = DatagramChannel.open();
    private final List<DatagramChannel> outside = new ArrayList<>();
    private volatile DatagramChannel current;
    private final Thread thread;
    private volatile @Nullable SocketAddress client;
    private volatile @Nullable IOException failure;

    RebindingRelay(InetSocketAddress server) throws IOException {
        this.server = server;
        inside.bind(new InetSocketAddress(Loopback.V4, 0));
        inside.configureBlocking(false);
        inside.register(selector, SelectionKey.OP_READ);
        current = open();
        thread = Thread.ofPlatform().daemon().name("relay").start(this::run);
    }

    /** Where the client finds the server. */
    int port() throws IOException {
        return ((InetSocketAddress) inside.getLocalAddress()).getPort();
    }

    /** From now on the server sees the client at another port. */
    void rebind() throws IOException {
        current = open();
    }

    private DatagramChannel open() throws IOException {
        DatagramChannel fresh = DatagramChannel.open();
        fresh.bind(new InetSocketAddress(Loopback.V4, 0));
        fresh.configureBlocking(false);
        fresh.register(selector, SelectionKey.OP_READ);
        selector.wakeup(); // the select that is under way does not know of it
        outside.add(fresh);
        return fresh;
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocate(65_536);
        try {
            while (selector.isOpen()) {
                selector.select();
                for (SelectionKey key : selector.selectedKeys()) {
                    relay((DatagramChannel) key.channel(), buffer);
                }
                selector.selectedKeys().clear();
            }
        } catch (ClosedSelectorException e) {
            return; // closed
        } catch (IOException e) {
            failure = e;
        }
    }

    private void relay(DatagramChannel from, ByteBuffer buffer) throws IOException {
        for (SocketAddress sender = from.receive(buffer.clear()); sender != null; ) {
            buffer.flip();
            SocketAddress to = client;
            if (from.equals(inside)) {
                client = sender;
                current.send(buffer, server);
            } else if (to != null) {
                inside.send(buffer, to);
            }
            sender = from.receive(buffer.clear());
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inside.close();
        for (DatagramChannel channel : outside) {
            channel.close();
        }
        IOException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }
}
