/** Event loops, tasks, priorities, timers, channels and sockets: the runtime under TokioJ, usable without QUIC. */
module dev.tokioj.runtime {
    requires jdk.net;
    requires static jdk.jfr;
    requires static org.jspecify;

    exports dev.tokioj.runtime;
    exports dev.tokioj.runtime.channel;
    exports dev.tokioj.runtime.fs;
    exports dev.tokioj.runtime.net;
    exports dev.tokioj.runtime.pool;
    exports dev.tokioj.runtime.sync;
}
