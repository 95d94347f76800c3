package dev.tokioj.tls;
/** Extension bodies. */
final class ExtensionCodec {
    private ExtensionCodec() {}
}
