package dev.tokioj.net;

import dev.tokioj.runtime.Placement;
import dev.tokioj.tls.CertificateVerifier;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What both kinds of client can be told: whom to trust, and how to find a server. One thread.
 *
 * @param <B> the builder itself
 */
public abstract sealed class ClientBuilder<B extends ClientBuilder<B>> extends EndpointBuilder<B>
        permits QuicClient.Builder, Http3Client.Builder {
    Trust trust = new Trust.SystemDefault();

    /** RFC 8305 section 5 recommends 250 ms. */
    Duration headStart = Duration.ofMillis(250);

    /** By host name in lower case. */
    final Map<String, List<InetAddress>> hosts = new HashMap<>();

    ClientBuilder() {}

    /** A client's tasks are its uploads. */
    @Override
    Placement tasks() {
        return Placement.SHARED;
    }

    /**
     * How many event loops share the connections, each with a socket of its own, which is opened for the first of them. Default: all
     * of the runtime's, if one is in use; else the client starts one with one loop, since most clients have few connections.
     *
     * @throws IllegalArgumentException when built, if the runtime in use has fewer
     */
    @Override
    public B loops(int value) {
        return super.loops(value);
    }

    @Override
    int defaultLoops() {
        return 1;
    }

    /** Trusts the certificates in a PEM file, and nothing else. Default: what the JDK trusts. */
    public B trust(Path pem) {
        trust = new Trust.PemFile(pem);
        return self();
    }

    /** Trusts these authorities (or self-signed servers), and nothing else. */
    public B trust(Collection<X509Certificate> authorities) {
        trust = new Trust.Authorities(List.copyOf(authorities));
        return self();
    }

    /** Trusts what this check lets pass. */
    public B trust(CertificateVerifier verifier) {
        trust = new Trust.Custom(verifier);
        return self();
    }

    /** Trusts every server: whoever sits on the path can read and change everything. For experiments only. */
    public B insecureTrustAnyCertificate() {
        trust = new Trust.InsecureAnyCertificate();
        return self();
    }

    /** How long an address is tried alone before the next one is tried too; default 250 ms (RFC 8305 section 5). */
    public B headStart(Duration value) {
        headStart = value;
        return self();
    }

    /** Takes these addresses for a host name, which is then not looked up; its certificate must have the name all the same. */
    public B resolve(String host, InetAddress... addresses) {
        hosts.put(host.toLowerCase(Locale.ROOT), List.of(addresses));
        return self();
    }
}
