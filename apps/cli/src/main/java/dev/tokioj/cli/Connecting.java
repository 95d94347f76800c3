package dev.tokioj.cli;

import dev.tokioj.net.EndpointBuilder;
import dev.tokioj.net.Transport;
import dev.tokioj.tls.NamedGroup;
import java.util.ArrayList;
import java.util.List;

/** The options of every command about how datagrams go, and what is written down about them. */
final class Connecting {
    private static final int LEAST_DATAGRAM = 1200;
    private static final int LARGEST_DATAGRAM = 65_527;

    private final Option<Transport> transport;
    private final Option<Integer> datagramSize;
    private final Option<List<NamedGroup>> groups;
    private final Option<Boolean> keyLog;

    Connecting(Syntax syntax) {
        transport = syntax.option(Kind.of(Transport.class), "WAY", "How datagrams go through the system", "--transport")
                .otherwise(Transport.AUTO);
        datagramSize = syntax.option(
                Kind.whole(LEAST_DATAGRAM, LARGEST_DATAGRAM),
                "BYTES",
                "UDP payload of the largest datagrams that are sent (default: 1200). Nothing probes whether the path takes "
                        + "larger ones: 1452 fits Ethernet with IPv6, 1472 with IPv4.",
                "--datagram-size");
        groups = syntax.option(
                Kind.commaSeparated(Kind.of(NamedGroup.class)),
                "GROUP,...",
                "Groups for the TLS key exchange, preferred first (default: all, in this order)",
                "--groups");
        keyLog = syntax.flag(
                "Append TLS secrets to the file that SSLKEYLOGFILE names. Whoever has them can read the traffic.",
                "--key-log");
    }

    /** Sets them. */
    void apply(EndpointBuilder<?> builder) {
        builder.transport(transport.get());
        Integer bytes = datagramSize.value();
        if (bytes != null) {
            builder.maxDatagramSize(bytes);
        }
        List<NamedGroup> preferred = groups.value();
        if (preferred != null) {
            builder.groups(preferred);
        }
        if (keyLog.get()) {
            builder.keyLogFromEnvironment();
        }
    }

    /** The words that make another process of ours do the same. */
    List<String> words() {
        List<String> words =
                new ArrayList<>(List.of("--transport", transport.get().name()));
        Integer bytes = datagramSize.value();
        if (bytes != null) {
            words.addAll(List.of("--datagram-size", bytes.toString()));
        }
        return words;
    }
}
