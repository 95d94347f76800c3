package dev.tokioj.quic.stream;

/** How far something came that is sent until it is acknowledged: a FIN, a RESET_STREAM, a STOP_SENDING. */
enum Delivery {
    /** There is nothing to send. */
    NONE,
    /** To be sent, or sent again. */
    DUE,
    SENT,
    ACKED;

    Delivery sent() {
        return this == ACKED ? ACKED : SENT;
    }

    Delivery lost() {
        return this == SENT ? DUE : this;
    }
}
