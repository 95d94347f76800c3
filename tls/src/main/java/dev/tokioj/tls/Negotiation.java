package dev.tokioj.tls;

import dev.tokioj.tls.HandshakeMessage.ClientHello;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a server chooses from a ClientHello (RFC 8446 sections 4.1.1, 4.2 and 9.2, RFC 9001 section 8).
 *
 * @param serverName as the client asked for it, lower case, or null
 * @param nameMatched whether that name led to the identity
 * @param clientShare the client's key share for the group, or null: a HelloRetryRequest must ask for one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Negotiation(
        CipherSuite suite,
        NamedGroup group,
        byte @Nullable [] clientShare,
        Identity identity,
        SignatureScheme scheme,
        @Nullable String serverName,
        boolean nameMatched,
        String alpn,
        byte[] transportParameters) {
    /** What a second ClientHello must not change. */
    private static final ExtensionType[] FIXED = {
        ExtensionType.SERVER_NAME,
        ExtensionType.SUPPORTED_GROUPS,
        ExtensionType.SIGNATURE_ALGORITHMS,
        ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
        ExtensionType.SUPPORTED_VERSIONS,
        ExtensionType.QUIC_TRANSPORT_PARAMETERS
    };

    static Negotiation of(ClientHello hello, TlsServerConfig config) throws TlsAlertException {
        checkForm(hello);
        Extensions extensions = hello.extensions();
        int[] schemes = ExtensionCodec.readCodePoints(extensions.require(ExtensionType.SIGNATURE_ALGORITHMS));
        int[] groups = ExtensionCodec.readCodePoints(extensions.require(ExtensionType.SUPPORTED_GROUPS));
        List<ExtensionCodec.KeyShare> shares =
                ExtensionCodec.readClientShares(extensions.require(ExtensionType.KEY_SHARE));
        checkShares(shares, groups);
        byte[] parameters =
                extensions.require(ExtensionType.QUIC_TRANSPORT_PARAMETERS).rest();
        String alpn = protocol(extensions, config);
        CipherSuite suite = suite(hello.cipherSuites(), config);
        WireReader nameBody = extensions.reader(ExtensionType.SERVER_NAME);
        String serverName = nameBody == null ? null : ExtensionCodec.readServerName(nameBody);
        IdentitySelector.Choice choice = config.identities().choose(serverName);
        if (choice.identities().isEmpty()) {
            throw new TlsAlertException(TlsAlert.UNRECOGNIZED_NAME, "no certificate for this name");
        }
        for (Identity identity : choice.identities()) {
            SignatureScheme scheme = scheme(identity, schemes);
            if (scheme != null) {
                NamedGroup group = group(groups, shares, config);
                byte[] share = share(group, shares);
                return new Negotiation(
                        suite, group, share, identity, scheme, serverName, choice.nameMatched(), alpn, parameters);
            }
        }
        throw failure("no signature algorithm in common with our certificate");
    }

    /** Checks the ClientHello that answers a HelloRetryRequest against the first (RFC 8446 section 4.1.2). */
    void checkRetry(ClientHello first, ClientHello second, @Nullable Negotiation before) throws TlsAlertException {
        boolean same = Arrays.equals(first.random(), second.random())
                && Arrays.equals(first.cipherSuites(), second.cipherSuites());
        for (ExtensionType type : FIXED) {
            same &= Arrays.equals(
                    first.extensions().body(type), second.extensions().body(type));
        }
        List<ExtensionCodec.KeyShare> shares =
                ExtensionCodec.readClientShares(second.extensions().require(ExtensionType.KEY_SHARE));
        same &= before != null && before.group == group && shares.size() == 1;
        if (!same) {
            throw illegal("the second ClientHello changes more than it was asked to");
        }
    }

    private static void checkForm(ClientHello hello) throws TlsAlertException {
        WireReader versions = hello.extensions().reader(ExtensionType.SUPPORTED_VERSIONS);
        if (versions == null || !contains(ExtensionCodec.readClientVersions(versions), ExtensionCodec.TLS_1_3)) {
            throw new TlsAlertException(TlsAlert.PROTOCOL_VERSION, "the client does not speak TLS 1.3");
        }
        if (hello.legacySessionId().length != 0) {
            // RFC 9001 section 8.4
            throw TlsAlertException.protocolViolation(
                    TlsAlert.ILLEGAL_PARAMETER, "compatibility mode is forbidden in QUIC");
        }
        if (hello.legacyCompressionMethods().length != 1 || hello.legacyCompressionMethods()[0] != 0) {
            throw illegal("the client offers compression");
        }
    }

    /** Of the groups that we know: a ClientHello full of others must not cost time (RFC 8446 section 4.2.8). */
    private static void checkShares(List<ExtensionCodec.KeyShare> shares, int[] groups) throws TlsAlertException {
        for (NamedGroup group : NamedGroup.values()) {
            int count = 0;
            for (ExtensionCodec.KeyShare share : shares) {
                count += share.group() == group.id() ? 1 : 0;
            }
            if (count > 1) {
                throw illegal("two key shares of one group");
            }
            if (count == 1 && !contains(groups, group.id())) {
                throw illegal("a key share of a group that is not offered");
            }
        }
    }

    private static String protocol(Extensions extensions, TlsServerConfig config) throws TlsAlertException {
        WireReader body = extensions.reader(ExtensionType.APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
        String name =
                body == null ? null : ExtensionCodec.commonProtocol(config.alpn(), ExtensionCodec.readProtocols(body));
        if (name == null) {
            throw new TlsAlertException(TlsAlert.NO_APPLICATION_PROTOCOL, "no application protocol in common");
        }
        return name;
    }

    private static CipherSuite suite(int[] offered, TlsServerConfig config) throws TlsAlertException {
        for (CipherSuite suite : config.cipherSuites()) {
            if (contains(offered, suite.id())) {
                return suite;
            }
        }
        throw failure("no cipher suite in common");
    }

    private static @Nullable SignatureScheme scheme(Identity identity, int[] offered) {
        for (SignatureScheme scheme : SignatureScheme.values()) {
            if (contains(offered, scheme.id())
                    && scheme.signsHandshakeWith(identity.chain().getFirst().getPublicKey())) {
                return scheme;
            }
        }
        return null;
    }

    /** Our most preferred group that the client has a share for; without any, a round trip for the most preferred. */
    private static NamedGroup group(int[] offered, List<ExtensionCodec.KeyShare> shares, TlsServerConfig config)
            throws TlsAlertException {
        NamedGroup common = null;
        for (NamedGroup group : config.groups()) {
            if (share(group, shares) != null) {
                return group;
            }
            if (common == null && contains(offered, group.id())) {
                common = group;
            }
        }
        if (common == null) {
            throw failure("no group in common");
        }
        return common;
    }

    private static byte @Nullable [] share(NamedGroup group, List<ExtensionCodec.KeyShare> shares) {
        for (ExtensionCodec.KeyShare share : shares) {
            if (share.group() == group.id()) {
                return share.keyExchange();
            }
        }
        return null;
    }

    private static boolean contains(int[] list, int value) {
        for (int element : list) {
            if (element == value) {
                return true;
            }
        }
        return false;
    }

    private static TlsAlertException illegal(String reason) {
        return new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, reason);
    }

    private static TlsAlertException failure(String reason) {
        return new TlsAlertException(TlsAlert.HANDSHAKE_FAILURE, reason);
    }
}
