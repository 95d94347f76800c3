package dev.tokioj.cli;

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
import picocli.CommandLine.Option;

/** The options of every command that listens: where, and as whom. */
final class Listening {
    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "UDP port; 0 takes a free one (default: ${DEFAULT-VALUE}).",
            defaultValue = "4433")
    int port;

    @Option(
            names = {"-b", "--bind"},
            paramLabel = "ADDRESS",
            description = "Address to listen on; may be repeated. Default: every address with --cert, "
                    + "this machine's loopback addresses (IPv4 and IPv6) with a development certificate.")
    List<String> addresses = new ArrayList<>();

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description =
                    "PEM file of the certificate and its chain. Default: a development certificate is made and kept.")
    @Nullable Path certificate;

    @Option(names = "--key", paramLabel = "FILE", description = "PEM file of the certificate's private key.")
    @Nullable Path key;

    @Option(
            names = "--cert-dir",
            paramLabel = "DIR",
            description = "Where the development certificate is kept (default: ~/.cache/tokioj).")
    @Nullable Path certificateDirectory;

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
        Path directory =
                certificateDirectory != null ? certificateDirectory : DevelopmentCertificate.defaultDirectory();
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
        List<InetSocketAddress> all = new ArrayList<>();
        if (!addresses.isEmpty()) {
            for (String address : addresses) {
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
