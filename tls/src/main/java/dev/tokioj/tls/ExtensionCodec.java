package dev.tokioj.tls;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The bodies of the extensions we use, reading beside writing. Reading consumes the whole body. */
final class ExtensionCodec {
    static final int TLS_1_3 = 0x0304;

    private static final int HOST_NAME = 0;

    /** One KeyShareEntry (RFC 8446 section 4.2.8). */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record KeyShare(int group, byte[] keyExchange) {}

    private ExtensionCodec() {}

    // ---- supported_groups and signature_algorithms, RFC 8446 sections 4.2.7 and 4.2.3 ----

    static byte[] codePoints(int... codePoints) {
        WireWriter out = new WireWriter();
        int list = out.open(2);
        for (int codePoint : codePoints) {
            out.u16(codePoint);
        }
        out.close(list, 2);
        return out.toByteArray();
    }

    static int[] readCodePoints(WireReader in) throws TlsAlertException {
        int[] list = HandshakeCodec.readU16List(in.vector16(2));
        in.finish();
        return list;
    }

    // ---- supported_versions, RFC 8446 section 4.2.1 ----

    static byte[] clientVersions(int... versions) {
        WireWriter out = new WireWriter();
        int list = out.open(1);
        for (int version : versions) {
            out.u16(version);
        }
        out.close(list, 1);
        return out.toByteArray();
    }

    static int[] readClientVersions(WireReader in) throws TlsAlertException {
        int[] versions = HandshakeCodec.readU16List(in.vector8(2));
        in.finish();
        return versions;
    }

    /** One code point: the version in a ServerHello, the group in a HelloRetryRequest. */
    static byte[] selected(int codePoint) {
        return new WireWriter().u16(codePoint).toByteArray();
    }

    static int readSelected(WireReader in) throws TlsAlertException {
        int codePoint = in.u16();
        in.finish();
        return codePoint;
    }

    // ---- key_share, RFC 8446 section 4.2.8 ----

    static byte[] clientShares(List<KeyShare> shares) {
        WireWriter out = new WireWriter();
        int list = out.open(2);
        for (KeyShare share : shares) {
            out.u16(share.group).opaque16(share.keyExchange);
        }
        out.close(list, 2);
        return out.toByteArray();
    }

    static List<KeyShare> readClientShares(WireReader in) throws TlsAlertException {
        WireReader list = in.vector16(0);
        in.finish();
        List<KeyShare> shares = new ArrayList<>();
        while (list.hasMore()) {
            shares.add(new KeyShare(list.u16(), list.opaque16(1)));
        }
        return shares;
    }

    static byte[] serverShare(KeyShare share) {
        return new WireWriter().u16(share.group).opaque16(share.keyExchange).toByteArray();
    }

    static KeyShare readServerShare(WireReader in) throws TlsAlertException {
        KeyShare share = new KeyShare(in.u16(), in.opaque16(1));
        in.finish();
        return share;
    }

    // ---- cookie, RFC 8446 section 4.2.2 ----

    static byte[] cookie(byte[] value) {
        return new WireWriter().opaque16(value).toByteArray();
    }

    static byte[] readCookie(WireReader in) throws TlsAlertException {
        byte[] value = in.opaque16(1);
        in.finish();
        return value;
    }

    // ---- application_layer_protocol_negotiation, RFC 7301 section 3.1 ----

    static byte[] protocols(List<String> names) {
        WireWriter out = new WireWriter();
        int list = out.open(2);
        for (String name : names) {
            out.opaque8(name.getBytes(StandardCharsets.UTF_8));
        }
        out.close(list, 2);
        return out.toByteArray();
    }

    static List<byte[]> readProtocols(WireReader in) throws TlsAlertException {
        WireReader list = in.vector16(2);
        in.finish();
        List<byte[]> names = new ArrayList<>();
        while (list.hasMore()) {
            names.add(list.opaque8(1, 255));
        }
        return names;
    }

    /** The first of our protocols that is among the peer's, or null. */
    static @Nullable String commonProtocol(List<String> ours, List<byte[]> theirs) {
        for (String name : ours) {
            byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
            for (byte[] other : theirs) {
                if (Arrays.equals(encoded, other)) {
                    return name;
                }
            }
        }
        return null;
    }

    // ---- server_name, RFC 6066 section 3 ----

    static byte[] serverName(String hostName) {
        WireWriter out = new WireWriter();
        int list = out.open(2);
        out.u8(HOST_NAME).opaque16(hostName.getBytes(StandardCharsets.US_ASCII));
        out.close(list, 2);
        return out.toByteArray();
    }

    /** The host name in lower case. */
    static String readServerName(WireReader in) throws TlsAlertException {
        WireReader list = in.vector16(1);
        in.finish();
        if (list.u8() != HOST_NAME) { // the only type there is: of another one not even the form is known
            throw new TlsAlertException(TlsAlert.DECODE_ERROR, "unknown type of server name");
        }
        String name = new String(list.opaque16(1), StandardCharsets.ISO_8859_1);
        if (list.hasMore()) {
            throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, "more than one server name");
        }
        if (!ServerName.isHostName(name)) {
            throw new TlsAlertException(TlsAlert.ILLEGAL_PARAMETER, "the server name is not a host name");
        }
        return name.toLowerCase(Locale.ROOT);
    }
}
