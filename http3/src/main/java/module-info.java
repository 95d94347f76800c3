/** HTTP/3 and QPACK on the streams of a QUIC connection, sans-IO. */
@SuppressWarnings("module") // the name is the protocol's, digit and all
module dev.tokioj.http3 {
    requires static org.jspecify;
    requires transitive dev.tokioj.quic;
}
