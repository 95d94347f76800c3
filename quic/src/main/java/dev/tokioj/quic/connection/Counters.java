package dev.tokioj.quic.connection;

/** What a connection counts for {@link ConnectionStats}. */
final class Counters {
    long packetsSent;
    long packetsReceived;
    long packetsDropped;
    long bytesSent;
    long bytesReceived;
}
