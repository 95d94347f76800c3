/** The TLS 1.3 handshake as QUIC needs it: bytes in, bytes and secrets out; no clock, socket or thread. */
module dev.tokioj.tls {
    requires static org.jspecify;

    exports dev.tokioj.tls;
}
