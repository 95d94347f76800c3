package dev.tokioj.cli;

import dev.tokioj.net.EndpointBuilder;
import dev.tokioj.net.Transport;
import dev.tokioj.tls.CryptoProvider;
import dev.tokioj.tls.NamedGroup;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The options of every command about how datagrams go, and what is written down about them. */
final class Connecting {
    private static final int LEAST_DATAGRAM = 1200;
    private static final int LARGEST_DATAGRAM = 65_527;

    private final Option<Transport> transport;
    private final Option<Integer> datagramSize;
    private final Option<List<NamedGroup>> groups;
    private final Option<String> cryptoProvider;
    private final Option<Path> cryptoJar;
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
        cryptoProvider = syntax.option(
                Kind.TEXT,
                "NAME",
                "Who does key agreement and signatures: jdk (default), accp, conscrypt, or the name of a JCA provider that the "
                        + "JVM has. What it lacks, the JDK does.",
                "--crypto-provider");
        cryptoJar = syntax.option(
                Kind.PATH, "FILE", "The jar of that provider, which does not come with tokioj.", "--crypto-jar");
        keyLog = syntax.flag(
                "Append TLS secrets to the file that SSLKEYLOGFILE names. Whoever has them can read the traffic.",
                "--key-log");
    }

    /** Sets them. */
    void apply(EndpointBuilder<?> builder) throws Failure.Exit {
        builder.transport(transport.get());
        Integer bytes = datagramSize.value();
        if (bytes != null) {
            builder.maxDatagramSize(bytes);
        }
        List<NamedGroup> preferred = groups.value();
        if (preferred != null) {
            builder.groups(preferred);
        }
        String provider = cryptoProvider.value();
        if (provider != null) {
            builder.cryptoProvider(crypto(provider, cryptoJar.value()));
        } else if (cryptoJar.isGiven()) {
            throw new Failure.Exit(ExitCode.USAGE, "--crypto-jar needs --crypto-provider");
        }
        if (keyLog.get()) {
            builder.keyLogFromEnvironment();
        }
    }

    private static CryptoProvider crypto(String name, @Nullable Path jar) throws Failure.Exit {
        try {
            if (jar == null) {
                return CryptoProvider.named(name, new SecureRandom());
            }
            if (!Files.isReadable(jar)) {
                throw new Failure.Exit(ExitCode.USAGE, "--crypto-jar: " + jar + " cannot be read");
            }
            // For the life of the process: the provider loads classes whenever it needs them.
            URLClassLoader loader =
                    new URLClassLoader(new URL[] {jar.toUri().toURL()}, Connecting.class.getClassLoader());
            return CryptoProvider.named(name, loader, new SecureRandom());
        } catch (IllegalArgumentException e) {
            String hint = jar == null ? " (--crypto-jar names it)" : "";
            throw new Failure.Exit(ExitCode.USAGE, "--crypto-provider: " + e.getMessage() + hint);
        } catch (MalformedURLException e) {
            throw new Failure.Exit(ExitCode.USAGE, "--crypto-jar: " + e.getMessage());
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
        String provider = cryptoProvider.value();
        if (provider != null) {
            words.addAll(List.of("--crypto-provider", provider));
        }
        Path jar = cryptoJar.value();
        if (jar != null) {
            words.addAll(List.of("--crypto-jar", jar.toString()));
        }
        return words;
    }
}
