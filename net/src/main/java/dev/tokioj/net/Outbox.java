package dev.tokioj.net;

import dev.tokioj.quic.connection.Transmit;

/**
 * The way out of one socket. A batch that the kernel has no room for is kept, and goes first when there is room: until then this
 * socket is blocked, and no other. The endpoint is told, and sends nothing more this way but what no connection waits for (a probe
 * of another path, an answer to a stranger): one batch of that is held, and what is more is lost, as datagrams may be. Loop's
 * thread only.
 */
final class Outbox {
    /** Gives a batch to the kernel. */
    @FunctionalInterface
    interface Sender {
        /** Sends what is in the batch from there on; answers how many bytes were taken, whole segments. */
        int send(Transmit batch, int from);
    }

    private enum State {
        OPEN,
        /** {@code kept} waits for room. */
        FULL,
        /** And so does {@code second}. */
        OVERFULL
    }

    private final Sender sender;
    private Transmit kept = new Transmit();
    private Transmit second = new Transmit();
    private int keptFrom;
    private State state = State.OPEN;

    Outbox(Sender sender) {
        this.sender = sender;
    }

    /** Sends a batch, or keeps it until there is room; answers a batch that is free for the next. */
    Transmit send(Transmit batch) {
        return switch (state) {
            case OPEN -> sendOrKeep(batch);
            case FULL -> {
                state = State.OVERFULL;
                Transmit free = second;
                second = batch;
                yield free;
            }
            case OVERFULL -> batch;
        };
    }

    private Transmit sendOrKeep(Transmit batch) {
        int taken = sender.send(batch, 0);
        if (taken == batch.length) {
            return batch;
        }
        state = State.FULL;
        keptFrom = taken;
        Transmit free = kept;
        kept = batch;
        return free;
    }

    /** Whether something waits for room: until {@link #sendKept} has answered true. */
    boolean isFull() {
        return state != State.OPEN;
    }

    /** There may be room: sends what was kept. False: there was not room for all of it. */
    boolean sendKept() {
        while (state != State.OPEN) {
            keptFrom += sender.send(kept, keptFrom);
            if (keptFrom < kept.length) {
                return false;
            }
            keptFrom = 0;
            if (state == State.OVERFULL) {
                Transmit next = second;
                second = kept;
                kept = next;
                state = State.FULL;
            } else {
                state = State.OPEN;
            }
        }
        return true;
    }
}
