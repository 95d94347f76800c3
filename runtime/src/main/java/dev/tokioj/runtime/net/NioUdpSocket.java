package dev.tokioj.runtime.net;

/** One kind of {@link UdpSocket}. */
public abstract non-sealed class NioUdpSocket implements UdpSocket {
    /** For the two kinds. */
    protected NioUdpSocket() {}
}
