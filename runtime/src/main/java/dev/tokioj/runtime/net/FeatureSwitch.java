package dev.tokioj.runtime.net;

import dev.tokioj.runtime.LoopLogger;

/** A feature that was granted when the socket was opened and may turn out to be refused. Switched off once, with one log line. */
final class FeatureSwitch {
    /** For the lines of sockets: they are said on loops. */
    static final System.Logger LOG = LoopLogger.of(System.getLogger(UdpSocket.class.getName()));

    private final String name;
    private boolean on;

    FeatureSwitch(String name, boolean on) {
        this.name = name;
        this.on = on;
    }

    boolean isOn() {
        return on;
    }

    void refuse(String reason) {
        if (on) {
            on = false;
            LOG.log(System.Logger.Level.WARNING, "a UDP socket goes on without {0}: {1}", name, reason);
        }
    }
}
