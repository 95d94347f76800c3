package dev.tokioj.net;

import java.time.Duration;

/**
 * How a shard treats its connections. Immutable.
 *
 * @param handshakeWork where signatures and certificate checks run
 * @param closeTimeout how long a graceful close waits for delivery
 * @param creditThreshold bytes that a task consumes until the loop hears of it and gives the peer credit
 * @param outboundCapacity bytes that a writing task may be ahead of the loop
 * @param receiveBudget bytes read from one socket in one turn
 * @param sendBudget batches (of at most 64 KB) sent in one turn
 */
record ShardSettings(
        HandshakeWork handshakeWork,
        Duration closeTimeout,
        long creditThreshold,
        int outboundCapacity,
        int receiveBudget,
        int sendBudget) {

    /** Most chunks kept for reuse: 16 MB of them at 16 KB, what one fast connection has in flight. */
    static final int POOLED_CHUNKS = 1024;

    /** Datagrams or trains taken in one call: 1 MB of buffer, and a call is 1/16 of the cost. */
    static final int RECEIVE_ENTRIES = 16;

    static ShardSettings of(HandshakeWork work, Duration closeTimeout, long streamWindow) {
        return new ShardSettings(
                work,
                closeTimeout,
                Math.clamp(streamWindow / 4, 1, 64 << 10), // often enough that the sender never stops
                256 << 10, // a few wake-ups a millisecond at full speed
                1 << 20, // about a millisecond of work, then timers and tasks have their turn
                16); // likewise
    }
}
