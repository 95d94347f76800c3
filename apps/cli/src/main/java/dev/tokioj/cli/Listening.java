package dev.tokioj.cli;

import dev.tokioj.net.ServerBuilder;
import dev.tokioj.tls.Identity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options of every command that listens: where, and as whom. */
final class Listening {
    /** What a server listens on when nothing else is said: free for anybody to use, and easy to remember. */
    static final int DEFAULT_PORT = 4433;

    private static final int MOST_LOOPS = 1024;

    private final Option<Integer> port;
    private final Option<String> addresses;
    private final Option<Path> certificate;
    private final Option<Path> key;
    private final Option<Path> certificateDirectory;
    private final Option<Integer> loops;

    /**
     * Declares them.
     *
     * @param defaultPort the UDP port when none is named
     */
    Listening(Syntax syntax, int defaultPort) {
        port = syntax.option(Kind.whole(0, 65_535), "PORT", "UDP port; 0 takes a free one", "-p", "--port")
                .otherwise(defaultPort);
        addresses = syntax.repeated(
                Kind.TEXT,
                "ADDRESS",
                "Address to listen on; may be repeated. Default: every address with --cert, this machine's loopback "
                        + "addresses (IPv4 and IPv6) with a development certificate.",
                "-b",
                "--bind");
        certificate = syntax.option(
                Kind.PATH,
                "FILE",
                "PEM file of the certificate and its chain. Default: a development certificate is made and kept.",
                "--cert");
        key = syntax.option(Kind.PATH, "FILE", "PEM file of the certificate's private key.", "--key");
        certificateDirectory = syntax.option(
                Kind.PATH,
                "DIR",
                "Where the development certificate is kept (default: ~/.cache/tokioj).",
                "--cert-dir");
        loops = syntax.option(
                Kind.whole(1, MOST_LOOPS),
                "N",
                "Event loops that share a server's connections (default: one a core, where the kernel can steer).",
                "--loops");
    }

    /** The words that make another process of ours use as many loops, and find the same development certificate. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        Integer wanted = loops.value();
        if (wanted != null) {
            words.addAll(List.of("--loops", wanted.toString()));
        }
        Path directory = certificateDirectory.value();
        if (directory != null) {
            words.addAll(List.of("--cert-dir", directory.toString()));
        }
        return words;
    }

    boolean namesCertificate() {
        return certificate.isGiven();
    }

    /** How many event loops, if it was said. */
    @Nullable Integer loops() {
        return loops.value();
    }

    /** Sets what the server's builder is told of this, but for addresses and certificate. */
    void apply(ServerBuilder<?> builder) {
        Integer wanted = loops.value();
        if (wanted != null) {
            builder.loops(wanted);
        }
    }

    /**
     * Who we are, and how a browser can be told to believe it.
     *
     * @param development whether the certificate was made for development
     */
    record Credentials(
            Identity identity,
            Path certificate,
            boolean development,
            boolean fresh,
            String spkiHash,
            Instant notAfter) {}

    /** Reads the certificate that is named, or finds or makes one for development. */
    Credentials credentials() throws IOException, GeneralSecurityException, Failure.Exit {
        Path certificate = this.certificate.value();
        Path key = this.key.value();
        if ((certificate == null) != (key == null)) {
            throw new Failure.Exit(
                    ExitCode.USAGE, "--cert and --key go together: the certificate's chain and its private key");
        }
        if (certificate != null && key != null) {
            Identity identity = Identity.pem(certificate, key);
            return new Credentials(
                    identity,
                    certificate,
                    false,
                    false,
                    DevelopmentCertificate.spkiHashOf(certificate),
                    identity.chain().getFirst().getNotAfter().toInstant());
        }
        Path named = certificateDirectory.value();
        Path directory = named != null ? named : DevelopmentCertificate.defaultDirectory();
        DevelopmentCertificate made = DevelopmentCertificate.in(directory, Instant.now());
        return new Credentials(
                Identity.pem(made.certificate(), made.key()),
                made.certificate(),
                true,
                made.fresh(),
                made.spkiHash(),
                made.notAfter());
    }

    /** Where to listen; with port 0 all get the port that the first one got, which {@code taken} then tells. */
    List<InetSocketAddress> addresses(boolean development) throws UnknownHostException {
        int port = this.port.get();
        List<InetSocketAddress> all = new ArrayList<>();
        if (addresses.isGiven()) {
            for (String address : addresses.values()) {
                for (InetAddress each : InetAddress.getAllByName(address)) {
                    all.add(new InetSocketAddress(each, port));
                }
            }
        } else if (development) {
            byte[] six = new byte[16];
            six[15] = 1;
            all.add(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            all.add(new InetSocketAddress(InetAddress.getByAddress(six), port));
        } else {
            all.add(new InetSocketAddress(InetAddress.getByAddress(new byte[16]), port));
        }
        return all;
    }
}
