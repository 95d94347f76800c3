package dev.tokioj.quic.wire;

/**
 * The preferred_address transport parameter (RFC 9000 sections 9.6 and 18.2): where a server would rather be reached. Immutable
 * as long as nobody writes to its arrays; any thread.
 *
 * @param ipv4 4 bytes; all zero with port 0: none
 * @param ipv6 16 bytes; all zero with port 0: none
 * @param connectionId of sequence number 1, at least one byte
 * @param statelessResetToken 16 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // equality is never asked for
public record PreferredAddress(
        byte[] ipv4, int ipv4Port, byte[] ipv6, int ipv6Port, ConnectionId connectionId, byte[] statelessResetToken) {
    public PreferredAddress {
        if (ipv4.length != 4 || ipv6.length != 16 || statelessResetToken.length != 16 || connectionId.length() == 0) {
            throw new IllegalArgumentException("not a preferred address");
        }
    }

    static PreferredAddress read(ByteReader r) throws TransportException {
        byte[] ipv4 = r.bytes(4);
        int ipv4Port = r.u16();
        byte[] ipv6 = r.bytes(16);
        int ipv6Port = r.u16();
        int len = r.u8();
        if (len < 1 || len > ConnectionId.MAX_LENGTH) {
            throw new TransportException(
                    TransportError.TRANSPORT_PARAMETER_ERROR, "preferred_address: connection ID of " + len + " bytes");
        }
        ConnectionId id = ConnectionId.of(r.array(), r.skip(len), len);
        return new PreferredAddress(ipv4, ipv4Port, ipv6, ipv6Port, id, r.bytes(16));
    }

    int size() {
        return 4 + 2 + 16 + 2 + 1 + connectionId.length() + 16;
    }

    void write(ByteWriter w) {
        w.bytes(ipv4).u16(ipv4Port).bytes(ipv6).u16(ipv6Port);
        w.u8(connectionId.length());
        connectionId.writeTo(w);
        w.bytes(statelessResetToken);
    }
}
