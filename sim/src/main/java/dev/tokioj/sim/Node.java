package dev.tokioj.sim;

/** What stands at an address: a host with an endpoint, or a peer that misbehaves. */
public interface Node {
    /** A datagram came, and is the node's. */
    void deliver(Datagram datagram);
}
