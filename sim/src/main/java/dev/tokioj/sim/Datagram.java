package dev.tokioj.sim;

import java.net.InetSocketAddress;

/**
 * A datagram on its way.
 *
 * @param bytes its payload, owned by whoever has the datagram
 * @param ecn the low 2 bits of its TOS octet
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record Datagram(byte[] bytes, InetSocketAddress from, InetSocketAddress to, int ecn) {
    Datagram copy() {
        return new Datagram(bytes.clone(), from, to, ecn);
    }

    Datagram withEcn(int mark) {
        return new Datagram(bytes, from, to, mark);
    }

    Datagram from(InetSocketAddress other) {
        return new Datagram(bytes, other, to, ecn);
    }

    Datagram to(InetSocketAddress other) {
        return new Datagram(bytes, from, other, ecn);
    }
}
