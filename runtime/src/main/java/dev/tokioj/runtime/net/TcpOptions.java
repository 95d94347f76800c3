package dev.tokioj.runtime.net;

/**
 * How to open TCP sockets. What a listener is opened with holds for the connections it accepts.
 *
 * @param noDelay send small segments at once (TCP_NODELAY)
 * @param keepAlive let the kernel probe a silent peer (SO_KEEPALIVE)
 * @param receiveBuffer bytes asked for in the kernel; 0: the kernel's own tuning
 * @param sendBuffer bytes asked for in the kernel; 0: the kernel's own tuning
 * @param reuseAddress a listener may bind an address of which old connections still linger (SO_REUSEADDR)
 * @param reusePort several listeners may bind the same address and the kernel spreads connections over them (SO_REUSEPORT)
 * @param backlog connections that may wait for an accept; the system may allow fewer
 */
public record TcpOptions(
        boolean noDelay,
        boolean keepAlive,
        int receiveBuffer,
        int sendBuffer,
        boolean reuseAddress,
        boolean reusePort,
        int backlog) {
    /** The defaults. */
    public static final TcpOptions DEFAULT = builder().build();

    /** Checks the ranges. */
    public TcpOptions {
        if (receiveBuffer < 0 || sendBuffer < 0) {
            throw new IllegalArgumentException(
                    "receiveBuffer and sendBuffer must not be negative: " + receiveBuffer + ", " + sendBuffer);
        }
        if (backlog < 1) {
            throw new IllegalArgumentException("backlog must be positive: " + backlog);
        }
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects options. */
    public static final class Builder {
        /** Whoever writes in our API writes what he means to send: waiting for more would only be late. */
        private boolean noDelay = true;

        private boolean keepAlive;
        private int receiveBuffer;
        private int sendBuffer;
        /** A server that is started again must not wait a minute for its port. */
        private boolean reuseAddress = true;

        private boolean reusePort;
        /** A burst of a thousand clients between two turns of a busy loop. */
        private int backlog = 1024;

        private Builder() {}

        /** See {@link TcpOptions#noDelay}. */
        public Builder noDelay(boolean value) {
            noDelay = value;
            return this;
        }

        /** See {@link TcpOptions#keepAlive}. */
        public Builder keepAlive(boolean value) {
            keepAlive = value;
            return this;
        }

        /** See {@link TcpOptions#receiveBuffer}. */
        public Builder receiveBuffer(int bytes) {
            receiveBuffer = bytes;
            return this;
        }

        /** See {@link TcpOptions#sendBuffer}. */
        public Builder sendBuffer(int bytes) {
            sendBuffer = bytes;
            return this;
        }

        /** See {@link TcpOptions#reuseAddress}. */
        public Builder reuseAddress(boolean value) {
            reuseAddress = value;
            return this;
        }

        /** See {@link TcpOptions#reusePort}. */
        public Builder reusePort(boolean value) {
            reusePort = value;
            return this;
        }

        /** See {@link TcpOptions#backlog}. */
        public Builder backlog(int connections) {
            backlog = connections;
            return this;
        }

        /** The options. */
        public TcpOptions build() {
            return new TcpOptions(noDelay, keepAlive, receiveBuffer, sendBuffer, reuseAddress, reusePort, backlog);
        }
    }
}
