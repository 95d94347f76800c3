package dev.tokioj.net;

import dev.tokioj.quic.connection.QuicConfig;
import dev.tokioj.quic.connection.QuicConfigBuilder;
import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Placement;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.CryptoProvider;
import dev.tokioj.tls.NamedGroup;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What clients and servers of both kinds have in common. One thread at a time. */
public abstract sealed class EndpointBuilder<B extends EndpointBuilder<B>> permits ClientBuilder, ServerBuilder {

    /** Sends in one stream may be this far ahead of their acknowledgement: 1 Gbit/s at 30 ms. */
    private static final int SEND_BUFFER = 4 << 20;

    @Nullable AsyncRuntime runtime;

    /** 0: nothing was said. */
    int loops;

    Transport transport = Transport.AUTO;
    QuicConfigBuilder config = QuicConfig.builder().sendBuffer(SEND_BUFFER);

    @Nullable Path qlogDirectory;

    @Nullable Path keyLog;

    HandshakeWork handshakeWork = HandshakeWork.OFFLOADED;
    /** Long enough for a few retransmissions on a bad path; short enough that a program ends when it is told to. */
    Duration closeTimeout = Duration.ofSeconds(5);

    @Nullable List<CipherSuite> cipherSuites;

    @Nullable List<NamedGroup> groups;

    CryptoProvider cryptoProvider = CryptoProvider.JDK;

    EndpointBuilder() {
        String directory = System.getenv("QLOGDIR");
        if (directory != null && !directory.isBlank()) {
            qlogDirectory = Path.of(directory);
        }
    }

    abstract B self();

    /** Where tasks of a runtime of its own run unless told otherwise. */
    abstract Placement tasks();

    /**
     * The runtime whose loops and tasks are used; it is not closed with the client or server. Default: the runtime of the
     * calling task, else one that is started for this client or server and closed with it.
     */
    public B runtime(AsyncRuntime value) {
        runtime = value;
        return self();
    }

    /** Loops of a runtime that is started for it, if nothing is said. */
    abstract int defaultLoops();

    /** How many event loops share the connections. Clients and servers have defaults of their own. */
    B loops(int value) {
        if (value < 1) {
            throw new IllegalArgumentException("loops: must be 1 or more, is " + value);
        }
        loops = value;
        return self();
    }

    /** How datagrams go through the operating system; default {@link Transport#AUTO}. A given runtime has decided already. */
    public B transport(Transport value) {
        transport = value;
        return self();
    }

    /**
     * All limits and choices of the connections at once; what the methods here set before is replaced. Default:
     * {@link QuicConfig#defaults} with a send buffer of 4 MB a stream (1 Gbit/s at 30 ms).
     */
    public B config(QuicConfig value) {
        config = value.toBuilder();
        return self();
    }

    /** How long a handshake may take; default 5 s. */
    public B handshakeTimeout(Duration value) {
        config.handshakeTimeout(value.toNanos());
        return self();
    }

    /** How long nothing may be heard until the connection is given up (RFC 9000 section 10.1); zero: for ever. Default 30 s. */
    public B idleTimeout(Duration value) {
        config.idleTimeout(value.toNanos());
        return self();
    }

    /** How long nothing is sent until a PING keeps the connection alive; zero, the default: never. */
    public B keepAlive(Duration value) {
        config.keepAlive(value.toNanos());
        return self();
    }

    /** Bidirectional streams that the peer may have open at once, which bounds the work it can cause. Default 100. */
    public B maxBidiStreams(long value) {
        config.maxBidiStreams(value);
        return self();
    }

    /** Unidirectional streams that the peer may have open at once. Default 100. */
    public B maxUniStreams(long value) {
        config.maxUniStreams(value);
        return self();
    }

    /**
     * UDP payload of the largest datagrams that are sent, in bytes; default 1200, which every path takes (RFC 9000 section
     * 14). Nothing probes yet whether a path takes more.
     */
    public B maxDatagramSize(int value) {
        config.maxDatagramSize(value);
        return self();
    }

    /** TLS cipher suites, preferred first. */
    public B cipherSuites(List<CipherSuite> value) {
        cipherSuites = List.copyOf(value);
        return self();
    }

    /** Groups for the TLS key exchange, preferred first. */
    public B groups(List<NamedGroup> value) {
        groups = List.copyOf(value);
        return self();
    }

    /**
     * Who does the key agreement and the signatures of handshakes; default the JVM's own providers. What the given one lacks
     * is left to those, algorithm by algorithm.
     */
    public B cryptoProvider(CryptoProvider value) {
        cryptoProvider = value;
        return self();
    }

    /**
     * As {@link #cryptoProvider(CryptoProvider)}, by name: {@code jdk}, {@code accp}, {@code conscrypt}, or the JCA name of an
     * installed one. Its jar must be on the class path.
     *
     * @throws IllegalArgumentException if it is not there or cannot be used, with what to do about it
     */
    public B cryptoProvider(String name) {
        return cryptoProvider(CryptoProvider.named(name, new SecureRandom()));
    }

    /** Writes a qlog file for each connection into this directory. Default: the environment's QLOGDIR, if set. */
    public B qlog(@Nullable Path directory) {
        qlogDirectory = directory;
        return self();
    }

    /**
     * Appends every connection's secrets to this file, for debuggers such as Wireshark. Whoever can read it can read the
     * traffic. Default: no such file, whatever the environment says.
     */
    public B keyLog(Path file) {
        keyLog = file;
        return self();
    }

    /** As {@link #keyLog}, with the file that the environment's SSLKEYLOGFILE names, if it does. */
    public B keyLogFromEnvironment() {
        String file = System.getenv("SSLKEYLOGFILE");
        if (file != null && !file.isBlank()) {
            keyLog = Path.of(file);
        }
        return self();
    }

    /** Where signatures and certificate checks run; default {@link HandshakeWork#OFFLOADED}. */
    public B handshakeWork(HandshakeWork value) {
        handshakeWork = value;
        return self();
    }

    /** How long a graceful close waits; default 5 s. */
    public B closeTimeout(Duration value) {
        closeTimeout = value;
        return self();
    }

    ShardSettings settings(QuicConfig config) {
        return ShardSettings.of(handshakeWork, closeTimeout, config.streamWindow());
    }
}
