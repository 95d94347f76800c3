package dev.tokioj.runtime.net;

/** Told by a {@link UdpSocket}, on its loop's thread. */
public interface UdpHandler {
    /**
     * Datagrams wait. Called every turn while they do, so a handler may stop after a budget and go on next turn.
     */
    void onReadable(UdpSocket socket);

    /** There is room again after {@link UdpSocket#send} took less than it was offered. Once per refusal. */
    void onWritable(UdpSocket socket);
}
