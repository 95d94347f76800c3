package dev.tokioj.cli;

import dev.tokioj.net.ClientBuilder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that connects: whom to trust. */
final class Trusting {
    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "PEM file of the authorities to trust (default: those of the JDK).")
    @Nullable Path authorities;

    @Option(
            names = "--insecure",
            description = "Accept any certificate. Whoever sits on the path can then read and change everything.")
    boolean insecure;

    /** Sets it. */
    void apply(ClientBuilder<?> builder) {
        if (insecure) {
            builder.insecureTrustAnyCertificate();
        } else if (authorities != null) {
            builder.trust(authorities);
        }
    }
}
