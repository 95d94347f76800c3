package dev.tokioj.quic.crypto;

import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Version;
import dev.tokioj.tls.CipherSuite;
import dev.tokioj.tls.Hkdf;
import java.util.Arrays;

/**
 * The keys of Initial packets, which anyone who sees the client's first packet can compute (RFC 9001 section 5.2). Stateless; the
 * keys it makes belong to the caller.
 */
public final class InitialKeys {
    private static final CipherSuite SUITE = CipherSuite.TLS_AES_128_GCM_SHA256;

    private InitialKeys() {}

    /**
     * The keys of what the client sends.
     *
     * @param odcid the Destination Connection ID of the client's first Initial packet, or of the first after a Retry
     */
    public static PacketKeys client(ConnectionId odcid, Version version) {
        return keys(odcid, version, "client in");
    }

    /** The keys of what the server sends; {@code odcid} as for {@link #client}. */
    public static PacketKeys server(ConnectionId odcid, Version version) {
        return keys(odcid, version, "server in");
    }

    private static PacketKeys keys(ConnectionId odcid, Version version, String label) {
        byte[] initial = Hkdf.extract(SUITE.hash(), version.initialSalt(), odcid.toBytes());
        byte[] secret = Hkdf.expandLabel(
                SUITE.hash(), initial, label, new byte[0], SUITE.hash().length());
        PacketKeys keys = PacketKeys.of(SUITE, secret, version);
        Arrays.fill(initial, (byte) 0);
        Arrays.fill(secret, (byte) 0);
        return keys;
    }
}
