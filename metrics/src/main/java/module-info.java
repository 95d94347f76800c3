/** TokioJ's figures in Micrometer: optional, the other modules do not know it. */
module dev.tokioj.metrics {
    requires static org.jspecify;
    requires transitive dev.tokioj.net;
    requires transitive dev.tokioj.runtime;
    requires transitive micrometer.core;

    exports dev.tokioj.metrics;
}
