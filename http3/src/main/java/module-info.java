/** HTTP/3 and QPACK, sans-IO: stream bytes in, messages out. */
@SuppressWarnings("module") // the name is the protocol's, digit and all
module dev.tokioj.http3 {
    requires static org.jspecify;
    requires transitive dev.tokioj.quic;

    exports dev.tokioj.http3;
    exports dev.tokioj.http3.qpack;
}
