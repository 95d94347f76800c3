/** A deterministic network for tests: virtual clock, seeds, and links that delay, drop, corrupt, reorder and rebind. */
module dev.tokioj.sim {
    requires static org.jspecify;
    requires transitive dev.tokioj.quic;
    requires transitive dev.tokioj.http3;

    exports dev.tokioj.sim;
}
