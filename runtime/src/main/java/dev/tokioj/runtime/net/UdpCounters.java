package dev.tokioj.runtime.net;

/**
 * What a socket has done since it was opened.
 *
 * @param datagramsReceived datagrams, each segment of a joined one counted
 * @param bytesReceived their payload
 * @param datagramsSent datagrams the kernel took
 * @param bytesSent their payload
 * @param sendCalls calls into the kernel that sent them
 * @param lostSends datagrams the kernel refused for a reason that is the path's, not ours (unreachable, too big, filtered):
 *     reported as sent, lost like any lost datagram
 * @param receiveErrors errors of earlier sends (ICMP) that a receive came upon
 * @param truncated datagrams longer than the receive slot, dropped
 */
public record UdpCounters(
        long datagramsReceived,
        long bytesReceived,
        long datagramsSent,
        long bytesSent,
        long sendCalls,
        long lostSends,
        long receiveErrors,
        long truncated) {}
