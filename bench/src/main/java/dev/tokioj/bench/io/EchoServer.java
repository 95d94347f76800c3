package dev.tokioj.bench.io;

import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The server's process: {@code EchoServer tokioj|netty|jdk tcp|udp}. Prints its port, echoes, and ends with its standard input. */
final class EchoServer {
    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

    private EchoServer() {}

    public static void main(String[] args) throws Exception {
        boolean tcp = args[1].equals("tcp");
        int port = switch (args[0]) {
            case "tokioj" -> tcp ? TokiojEcho.tcp() : TokiojEcho.udp();
            case "netty" -> tcp ? NettyEcho.tcp() : NettyEcho.udp();
            case "jdk" -> tcp ? JdkEcho.tcp() : JdkEcho.udp();
            default -> throw new IllegalArgumentException("no such server: " + args[0]);
        };
        System.out.println(port);
        // Until the parent closes it.
        System.in.transferTo(OutputStream.nullOutputStream());
        System.exit(0);
    }
}
