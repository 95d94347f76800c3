package dev.tokioj.quic.stream;

import dev.tokioj.quic.memory.ReadAhead;

/** The streams of one kind that we open, as far as the peer allows (RFC 9000 section 4.6). */
final class LocalStreams {
    /** What the owner waits for that could not open one. */
    private enum Wish {
        NONE,
        WAITING,
        FULFILLED
    }

    private final SendCredit credit = new SendCredit(0);
    private Wish wish = Wish.NONE;

    /** The index of the new stream, or -1. */
    long open() {
        if (credit.available() == 0) {
            wish = Wish.WAITING;
            return -1;
        }
        long index = credit.used();
        credit.use(1);
        return index;
    }

    boolean isOpened(long index) {
        return index < credit.used();
    }

    /** Whether that is more. */
    boolean raise(long limit) {
        if (!credit.raise(limit)) {
            return false;
        }
        if (wish == Wish.WAITING) {
            wish = Wish.FULFILLED;
        }
        return true;
    }

    /** How many may ever be opened, by what the peer has said so far. */
    long limit() {
        return credit.limit();
    }

    /** Whether the owner is to be told that it can open streams; once. */
    boolean takeAvailable() {
        if (wish != Wish.FULFILLED) {
            return false;
        }
        wish = Wish.NONE;
        return true;
    }

    /** Whether a STREAMS_BLOCKED frame is due. */
    boolean isBlockedDue() {
        return wish == Wish.WAITING && credit.isBlockedDue();
    }

    long signalBlocked() {
        return credit.signalBlocked();
    }

    void onBlockedLost(long limit) {
        credit.onBlockedLost(limit);
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(credit);
    }
}
