package dev.tokioj.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the handshake agreed on.
 *
 * @param alpn the application protocol (RFC 7301)
 * @param serverName client: the name or address that was asked for; server: the name in the client's server_name
 *     extension, lower case, or null if it sent none
 * @param peerChain the peer's certificates, its own first; empty at a server
 */
public record HandshakeResult(
        String alpn,
        CipherSuite cipherSuite,
        NamedGroup group,
        @Nullable String serverName,
        List<X509Certificate> peerChain) {
    /** Copies the chain. */
    public HandshakeResult {
        peerChain = List.copyOf(peerChain);
    }
}
