/** Benchmarks and concurrency stress tests. */
module dev.tokioj.bench {
    requires static org.jspecify;
    requires dev.tokioj.runtime;
    requires dev.tokioj.net;
    requires jmh.core;
    requires jcstress.core;
}
