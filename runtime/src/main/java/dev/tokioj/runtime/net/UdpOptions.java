package dev.tokioj.runtime.net;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How to open a {@link UdpSocket}. The switches allow a feature; whether the kernel grants it is told by
 * {@link UdpSocket#features}.
 *
 * @param bind address and port, port 0 for any. The wildcard {@code ::} serves IPv6 and IPv4, {@code 0.0.0.0} IPv4 alone.
 *     Null: any port on every address of every family this machine has
 * @param reusePort several sockets may bind the same address and the kernel spreads flows over them (SO_REUSEPORT)
 * @param receiveBuffer bytes asked for in the kernel; it may grant less
 * @param sendBuffer bytes asked for in the kernel; it may grant less
 * @param gso allow UDP_SEGMENT
 * @param gro allow UDP_GRO
 * @param ecn allow ECN marks, in and out
 * @param packetInfo allow local addresses in, source selection out
 * @param forbidFragmentation set Don't Fragment
 * @param maxSegments segments in one kernel call, 1 to 64
 * @param peerCache remembered peer addresses, a power of two
 */
public record UdpOptions(
        @Nullable InetSocketAddress bind,
        boolean reusePort,
        int receiveBuffer,
        int sendBuffer,
        boolean gso,
        boolean gro,
        boolean ecn,
        boolean packetInfo,
        boolean forbidFragmentation,
        int maxSegments,
        int peerCache) {

    /** UDP_MAX_SEGMENTS of kernels before 6.9; more gains nothing. */
    public static final int MAX_SEGMENTS = 64;

    /** Checks the ranges. */
    public UdpOptions {
        if (bind != null && bind.isUnresolved()) {
            throw new IllegalArgumentException("bind address is not resolved: " + bind);
        }
        if (receiveBuffer <= 0 || sendBuffer <= 0) {
            throw new IllegalArgumentException("buffers must be positive: " + receiveBuffer + ", " + sendBuffer);
        }
        if (maxSegments < 1 || maxSegments > MAX_SEGMENTS) {
            throw new IllegalArgumentException("maxSegments must be 1 to " + MAX_SEGMENTS + ": " + maxSegments);
        }
        if (peerCache < 1 || Integer.bitCount(peerCache) != 1 || peerCache > 1 << 20) {
            throw new IllegalArgumentException("peerCache must be a power of two up to 1048576: " + peerCache);
        }
    }

    /** Everything on, any port, every family. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts from these. */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.bind = bind;
        b.reusePort = reusePort;
        b.receiveBuffer = receiveBuffer;
        b.sendBuffer = sendBuffer;
        b.gso = gso;
        b.gro = gro;
        b.ecn = ecn;
        b.packetInfo = packetInfo;
        b.forbidFragmentation = forbidFragmentation;
        b.maxSegments = maxSegments;
        b.peerCache = peerCache;
        return b;
    }

    /** Collects options. */
    public static final class Builder {
        private @Nullable InetSocketAddress bind;
        private boolean reusePort;
        /** About 13 ms of 2.5 Gbit/s: a loop that is busy elsewhere for a while loses nothing; also what stock Linux grants at most. */
        private int receiveBuffer = 4 << 20;
        /** Several 64 KB trains to a slow device. */
        private int sendBuffer = 2 << 20;

        private boolean gso = true;
        private boolean gro = true;
        private boolean ecn = true;
        private boolean packetInfo = true;
        /** QUIC requires it (RFC 9000 section 14). */
        private boolean forbidFragmentation = true;

        private int maxSegments = MAX_SEGMENTS;
        /** 16 KiB of references; beyond that many peers at once, a datagram costs one small address object. */
        private int peerCache = 4096;

        private Builder() {}

        /** See {@link UdpOptions#bind}. */
        public Builder bind(@Nullable InetSocketAddress value) {
            bind = value;
            return this;
        }

        /** See {@link UdpOptions#reusePort}. */
        public Builder reusePort(boolean value) {
            reusePort = value;
            return this;
        }

        /** See {@link UdpOptions#receiveBuffer}. */
        public Builder receiveBuffer(int bytes) {
            receiveBuffer = bytes;
            return this;
        }

        /** See {@link UdpOptions#sendBuffer}. */
        public Builder sendBuffer(int bytes) {
            sendBuffer = bytes;
            return this;
        }

        /** See {@link UdpOptions#gso}. */
        public Builder gso(boolean allow) {
            gso = allow;
            return this;
        }

        /** See {@link UdpOptions#gro}. */
        public Builder gro(boolean allow) {
            gro = allow;
            return this;
        }

        /** See {@link UdpOptions#ecn}. */
        public Builder ecn(boolean allow) {
            ecn = allow;
            return this;
        }

        /** See {@link UdpOptions#packetInfo}. */
        public Builder packetInfo(boolean allow) {
            packetInfo = allow;
            return this;
        }

        /** See {@link UdpOptions#forbidFragmentation}. */
        public Builder forbidFragmentation(boolean forbid) {
            forbidFragmentation = forbid;
            return this;
        }

        /** See {@link UdpOptions#maxSegments}. */
        public Builder maxSegments(int segments) {
            maxSegments = segments;
            return this;
        }

        /** See {@link UdpOptions#peerCache}. */
        public Builder peerCache(int entries) {
            peerCache = entries;
            return this;
        }

        /** The options. */
        public UdpOptions build() {
            return new UdpOptions(
                    bind,
                    reusePort,
                    receiveBuffer,
                    sendBuffer,
                    gso,
                    gro,
                    ecn,
                    packetInfo,
                    forbidFragmentation,
                    maxSegments,
                    peerCache);
        }
    }
}
