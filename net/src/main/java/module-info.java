/** The public API: QUIC and HTTP/3 clients and servers, joining the runtime and the sans-IO cores. */
@SuppressWarnings("module") // a required module's name ends in the protocol's digit
module dev.tokioj.net {
    requires static org.jspecify;
    requires transitive dev.tokioj.runtime;
    requires transitive dev.tokioj.tls;
    requires transitive dev.tokioj.quic;
    requires transitive dev.tokioj.http3;

    exports dev.tokioj.net;
}
