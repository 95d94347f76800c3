package dev.tokioj.quic.path;

/**
 * How much may go to an address that has not proved that it wants it: three times what came from there (RFC 9000 8). What
 * came counts once a UDP datagram, however many packets it holds.
 */
public final class AmplificationLimit {
    private static final int FACTOR = 3;

    private long credit;
    private boolean lifted;

    /** A limit for an address from which nothing came. */
    public AmplificationLimit() {}

    /** A datagram of this many bytes came from the address. */
    public void received(int bytes) {
        credit += (long) FACTOR * bytes;
    }

    /** A datagram of this many bytes went to the address. */
    public void sent(int bytes) {
        credit -= bytes;
    }

    /** The address is proved. */
    public void lift() {
        lifted = true;
    }

    /** Whether the address is proved. */
    public boolean isLifted() {
        return lifted;
    }

    /** How many bytes may be sent now. */
    public long allowance() {
        return lifted ? Long.MAX_VALUE : Math.max(0, credit);
    }
}
