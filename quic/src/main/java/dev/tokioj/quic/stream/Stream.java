package dev.tokioj.quic.stream;

import org.jspecify.annotations.Nullable;

/** A stream: its two parts, of which a unidirectional one has one, and its places in the queues. */
final class Stream {
    /** Whether the owner still has it. */
    enum Hold {
        OWNED,
        RELEASED,
        /** Both parts are done and the owner has let go: not in the table any more. */
        RETIRED
    }

    /** What a write waits for that took less than it was offered. */
    enum Room {
        ENOUGH,
        /** Acknowledgements of this stream's own bytes. */
        OF_STREAM,
        /** Acknowledgements of any stream's bytes; it stands in the queue for it. */
        OF_CONNECTION
    }

    final long id;
    final @Nullable SendStream send;
    final @Nullable RecvStream recv;
    Hold hold = Hold.OWNED;
    Room room = Room.ENOUGH;
    /** Told to the owner once. */
    Delivery sendComplete = Delivery.NONE;

    // Its places: among streams with repairs, among those with new data, and in the queues.
    final StreamScheduler.Node repair = new StreamScheduler.Node(this);
    final StreamScheduler.Node fresh = new StreamScheduler.Node(this);
    final StreamQueue.Link control = new StreamQueue.Link(this);
    final StreamQueue.Link event = new StreamQueue.Link(this);
    final StreamQueue.Link roomWait = new StreamQueue.Link(this);

    Stream(long id, @Nullable SendStream send, @Nullable RecvStream recv) {
        this.id = id;
        this.send = send;
        this.recv = recv;
    }

    /** Whether a control frame of this stream is due. */
    boolean isControlDue() {
        return (send != null && (send.isResetDue() || send.isBlockedDue()))
                || (recv != null && (recv.isStopDue() || recv.isWindowDue()));
    }

    /** Whether neither the peer nor the owner has anything more to do with it. */
    boolean isOver() {
        return hold == Hold.RELEASED && (send == null || send.isDone()) && (recv == null || !recv.isOpen());
    }
}
