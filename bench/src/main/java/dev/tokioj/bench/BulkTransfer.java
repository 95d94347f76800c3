package dev.tokioj.bench;

import dev.tokioj.net.QuicClient;
import dev.tokioj.net.QuicConnection;
import dev.tokioj.net.QuicServer;
import dev.tokioj.net.QuicStream;
import dev.tokioj.net.Transport;
import dev.tokioj.tls.Identity;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Many bytes over one stream between two processes, with a checksum over them.
 *
 * <pre>
 * java ... dev.tokioj.bench.BulkTransfer serve 4433 [AUTO|NIO|LINUX]
 * java ... dev.tokioj.bench.BulkTransfer get 4433 1024 [AUTO|NIO|LINUX]      MiB from the server to us
 * java ... dev.tokioj.bench.BulkTransfer put 4433 1024 [AUTO|NIO|LINUX]      MiB from us to the server
 * </pre>
 */
public final class BulkTransfer {
    private static final String ALPN = "bulk";
    private static final int BLOCK = 64 << 10;

    private BulkTransfer() {}

    /** See the class. */
    public static void main(String[] args) throws Exception {
        Transport transport = Transport.valueOf(
                args.length > 3 ? args[3] : args[0].equals("serve") && args.length > 2 ? args[2] : "AUTO");
        int port = Integer.parseInt(args[1]);
        switch (args[0]) {
            case "serve" -> serve(port, transport);
            case "get" -> transfer(port, Long.parseLong(args[2]) << 20, transport);
            case "put" -> transfer(port, -(Long.parseLong(args[2]) << 20), transport);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void serve(int port, Transport transport) throws Exception {
        try (QuicServer server = QuicServer.builder()
                .bind(port)
                .identity(selfSigned())
                .alpn(ALPN)
                .transport(transport)
                .onConnection(connection -> {
                    for (QuicStream s = connection.acceptStream(); s != null; s = connection.acceptStream()) {
                        answer(s);
                    }
                })
                .start()) {
            IO.println("serving on " + server.localAddress());
            server.join();
        }
    }

    private static void answer(QuicStream stream) throws IOException {
        try (stream) {
            long bytes = new DataInputStream(stream.input()).readLong();
            if (bytes > 0) {
                send(stream, bytes);
            } else {
                stream.write(ByteBuffer.allocate(8)
                        .putLong(receive(stream.input(), -bytes))
                        .array());
            }
        }
    }

    /** {@code bytes}: positive from the server to us, negative from us to the server. */
    private static void transfer(int port, long bytes, Transport transport) throws Exception {
        try (QuicConnection connection = QuicClient.builder()
                        .alpn(ALPN)
                        .transport(transport)
                        .insecureTrustAnyCertificate()
                        .connect("localhost", port);
                QuicStream stream = connection.openStream()) {
            stream.write(ByteBuffer.allocate(8).putLong(bytes).array());
            long begin = System.nanoTime();
            if (bytes > 0) {
                receive(stream.input(), bytes);
            } else {
                send(stream, -bytes);
                new DataInputStream(stream.input()).readLong();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            IO.println(String.format(
                    "%d MiB in %.3f s: %.0f MB/s, intact",
                    Math.abs(bytes) >> 20, seconds, Math.abs(bytes) / 1e6 / seconds));
            IO.println(connection.stats());
        }
    }

    private static void send(QuicStream stream, long bytes) throws IOException {
        byte[] block = new byte[BLOCK];
        new SplittableRandom(1).nextBytes(block);
        CRC32C sum = new CRC32C();
        ByteBuffer stamp = ByteBuffer.wrap(block);
        for (long left = bytes; left > 0; left -= BLOCK) {
            stamp.putLong(0, left); // no two blocks are equal
            int n = (int) Math.min(left, BLOCK);
            sum.update(block, 0, n);
            stream.write(block, 0, n);
        }
        stream.write(ByteBuffer.allocate(8).putLong(sum.getValue()).array());
        stream.finish();
    }

    private static long receive(InputStream in, long bytes) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] block = new byte[BLOCK];
        long left = bytes;
        while (left > 0) {
            int n = in.read(block, 0, (int) Math.min(left, BLOCK));
            if (n < 0) {
                throw new IOException(left + " bytes are missing");
            }
            sum.update(block, 0, n);
            left -= n;
        }
        long expected = new DataInputStream(in).readLong();
        if (expected != sum.getValue()) {
            throw new IOException("the bytes changed on the way");
        }
        return expected;
    }

    /** By the JDK's own tool: no library makes certificates here. */
    static Identity selfSigned() throws IOException, GeneralSecurityException, InterruptedException {
        Path directory = Files.createTempDirectory("bulk");
        Path store = directory.resolve("bulk.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<String> command = Stream.of(
                        "-genkeypair",
                        "-alias",
                        "bulk",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .toList();
        ProcessBuilder process = new ProcessBuilder(
                Stream.concat(Stream.of(keytool), command.stream()).toList());
        if (process.redirectErrorStream(true).start().waitFor() != 0) {
            throw new IOException("keytool failed");
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        char[] password = "changeit".toCharArray();
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password);
        }
        Files.delete(store);
        Files.delete(directory);
        Certificate[] chain = keys.getCertificateChain("bulk");
        return new Identity((PrivateKey) keys.getKey("bulk", password), List.of((X509Certificate) chain[0]));
    }
}
