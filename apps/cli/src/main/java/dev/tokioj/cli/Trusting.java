package dev.tokioj.cli;

import dev.tokioj.net.ClientBuilder;
import java.nio.file.Path;

/** The options of every command that connects: whom to trust. */
final class Trusting {
    private final Option<Path> authorities;
    private final Option<Boolean> insecure;

    Trusting(Syntax syntax) {
        authorities = syntax.option(
                Kind.PATH, "FILE", "PEM file of the authorities to trust (default: those of the JDK).", "--cacert");
        insecure = syntax.flag(
                "Accept any certificate. Whoever sits on the path can then read and change everything.", "--insecure");
    }

    /** Sets it. */
    void apply(ClientBuilder<?> builder) {
        Path file = authorities.value();
        if (insecure.get()) {
            builder.insecureTrustAnyCertificate();
        } else if (file != null) {
            builder.trust(file);
        }
    }
}
