package dev.tokioj.runtime.net;

/**
 * What a socket does at this moment; a feature the kernel turned out to refuse has been switched off.
 *
 * @param batched whether calls go straight to libc (else NIO)
 * @param dualStack whether one socket serves IPv4 and IPv6
 * @param gso equal segments leave in one call that the kernel splits (UDP_SEGMENT)
 * @param gro datagrams of one flow may arrive joined (UDP_GRO)
 * @param ecnSend the ECN argument of {@link UdpSocket#send} reaches the wire
 * @param ecnReceive {@link RecvBatch#ecn} is what the packet carried; else always 0
 * @param packetInfo {@link RecvBatch#local} names the address each datagram came to, even on a wildcard socket
 * @param sourceSelection the source argument of {@link UdpSocket#send} is honoured
 * @param unfragmented packets carry Don't Fragment (RFC 9000 section 14) and the path's MTU is not the kernel's business
 * @param maxSegments the most segments one {@link UdpSocket#send} passes to the kernel in one piece
 * @param receiveBuffer the kernel's receive buffer in bytes as it reports it
 * @param sendBuffer the kernel's send buffer in bytes as it reports it
 */
public record UdpFeatures(
        boolean batched,
        boolean dualStack,
        boolean gso,
        boolean gro,
        boolean ecnSend,
        boolean ecnReceive,
        boolean packetInfo,
        boolean sourceSelection,
        boolean unfragmented,
        int maxSegments,
        int receiveBuffer,
        int sendBuffer) {

    /** What is left of what was granted. */
    UdpFeatures with(boolean gsoNow, boolean ecnSendNow) {
        if (gsoNow == gso && ecnSendNow == ecnSend) {
            return this;
        }
        return new UdpFeatures(
                batched,
                dualStack,
                gsoNow,
                gro,
                ecnSendNow,
                ecnReceive,
                packetInfo,
                sourceSelection,
                unfragmented,
                maxSegments,
                receiveBuffer,
                sendBuffer);
    }
}
