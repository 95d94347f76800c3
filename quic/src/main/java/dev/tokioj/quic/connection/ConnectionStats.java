package dev.tokioj.quic.connection;

import dev.tokioj.quic.path.NetPath;

/**
 * A snapshot of a connection's figures.
 *
 * @param path the last validated path: the address that an application may rely on
 * @param latestRtt ns, 0 before the first sample
 * @param smoothedRtt ns
 * @param rttVariance ns
 * @param minRtt ns, 0 before the first sample
 * @param congestionWindow bytes
 * @param bytesInFlight bytes
 * @param ptoCount probe timeouts since the last acknowledgement
 * @param packetsSent packets of all levels
 * @param packetsReceived packets that were opened and processed
 * @param packetsLost declared lost (RFC 9002 6)
 * @param spuriousLosses declared lost and acknowledged later
 * @param packetsDropped received and dropped, for any reason
 * @param bytesSent UDP payload bytes
 * @param bytesReceived UDP payload bytes
 * @param mtu bytes of UDP payload that a packet may have on this path
 * @param ecn state of ECN on this path (RFC 9000 13.4.2)
 * @param keyUpdates key updates since the handshake, by either side
 */
public record ConnectionStats(
        NetPath path,
        long latestRtt,
        long smoothedRtt,
        long rttVariance,
        long minRtt,
        long congestionWindow,
        long bytesInFlight,
        int ptoCount,
        long packetsSent,
        long packetsReceived,
        long packetsLost,
        long spuriousLosses,
        long packetsDropped,
        long bytesSent,
        long bytesReceived,
        int mtu,
        String ecn,
        long keyUpdates) {

    /** Of a connection that has done nothing. */
    static ConnectionStats empty(NetPath path) {
        return new ConnectionStats(path, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "UNKNOWN", 0);
    }
}
