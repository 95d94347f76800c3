package dev.tokioj.bench.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.net.Socket;

/** Blocking sockets, a virtual thread for each connection, on the JDK's scheduler. */
final class JdkEcho {
    private static final System.Logger LOG = System.getLogger(JdkEcho.class.getName());

    private JdkEcho() {}

    static int tcp() throws IOException {
        ServerSocket listener = new ServerSocket();
        listener.bind(EchoServer.ANY_PORT, 1024);
        Thread.startVirtualThread(() -> {
            try (listener) {
                while (true) {
                    Socket socket = listener.accept();
                    socket.setTcpNoDelay(true);
                    Thread.startVirtualThread(() -> echo(socket));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return listener.getLocalPort();
    }

    private static void echo(Socket socket) {
        byte[] buf = new byte[4096];
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            int n;
            while ((n = in.read(buf)) >= 0) {
                out.write(buf, 0, n);
            }
        } catch (IOException e) {
            // The load ends by ending its process.
            LOG.log(System.Logger.Level.DEBUG, "a connection ended", e);
        }
    }

    static int udp() throws IOException {
        DatagramSocket socket = new DatagramSocket(EchoServer.ANY_PORT);
        Thread.startVirtualThread(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
            try (socket) {
                while (true) {
                    packet.setLength(2048);
                    socket.receive(packet);
                    socket.send(packet);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return socket.getLocalPort();
    }
}
