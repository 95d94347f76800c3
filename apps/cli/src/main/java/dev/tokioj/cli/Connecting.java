package dev.tokioj.cli;

import dev.tokioj.net.EndpointBuilder;
import dev.tokioj.net.Transport;
import picocli.CommandLine.Option;

/** The options of every command about how datagrams go, and what is written down about them. */
final class Connecting {
    @Option(
            names = "--transport",
            paramLabel = "WAY",
            description = "How datagrams go through the system: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
            defaultValue = "AUTO")
    Transport transport;

    @Option(
            names = "--key-log",
            description =
                    "Append TLS secrets to the file that SSLKEYLOGFILE names. Whoever has them can read the traffic.")
    boolean keyLog;

    /** Sets them. */
    void apply(EndpointBuilder<?> builder) {
        builder.transport(transport);
        if (keyLog) {
            builder.keyLogFromEnvironment();
        }
    }
}
