/** Small programs on the public API. */
module dev.tokioj.examples {
    requires static org.jspecify;
    requires dev.tokioj.net;

    exports dev.tokioj.examples;
}
