/** The QUIC transport, sans-IO: datagrams in, datagrams and events out. */
module dev.tokioj.quic {
    requires static org.jspecify;
    requires transitive dev.tokioj.tls;

    exports dev.tokioj.quic.connection;
    exports dev.tokioj.quic.crypto;
    exports dev.tokioj.quic.endpoint;
    exports dev.tokioj.quic.memory;
    exports dev.tokioj.quic.path;
    exports dev.tokioj.quic.stream;
    exports dev.tokioj.quic.wire;
}
