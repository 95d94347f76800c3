package dev.tokioj.bench.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

/**
 * The pipe ceiling's server. A datagram of one byte says what to do: send trains until another comes, or open trains and
 * report how many bytes came.
 */
final class CeilingServer implements Serving {
    static final byte SEND = 's';
    static final byte RECEIVE = 'r';
    static final byte STOP = 'x';
    static final long REPORT_NANOS = 1_000_000;

    private final CeilingSocket socket = new CeilingSocket();
    private final CeilingPackets packets;
    private final int size;
    private final int port;

    CeilingServer(Setup setup) throws IOException, GeneralSecurityException {
        size = setup.datagramSize();
        packets = new CeilingPackets(size);
        socket.joined();
        port = socket.port();
        Thread.ofPlatform().daemon().name("ceiling").start(this::serve);
    }

    @Override
    public int port() {
        return port;
    }

    private void serve() {
        byte[] train = new byte[CeilingSocket.TRAIN];
        try {
            while (true) {
                int n = socket.receive(train);
                if (n == 1 && train[0] == SEND) {
                    socket.connect(socket.senderPort());
                    send(train);
                } else if (n == 1 && train[0] == RECEIVE) {
                    socket.connect(socket.senderPort());
                    receive(train);
                }
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void send(byte[] train) throws IOException, GeneralSecurityException {
        socket.segments(size);
        byte[] command = new byte[1];
        while (socket.poll(command) <= 0) {
            socket.send(train, packets.seal(train, CeilingSocket.TRAIN / size - 1));
        }
    }

    private void receive(byte[] train) throws IOException, GeneralSecurityException {
        socket.segments(0);
        long bytes = 0;
        long reported = System.nanoTime();
        for (int n = socket.receive(train); n > 1; n = socket.receive(train)) {
            packets.open(train, n);
            bytes += n;
            long now = System.nanoTime();
            if (now - reported > REPORT_NANOS) {
                reported = now;
                byte[] report = ByteBuffer.allocate(Long.BYTES).putLong(bytes).array();
                socket.send(report, report.length);
            }
        }
    }

    @Override
    public void close() {
        // The process ends, and with it the thread that waits in the socket.
    }
}
