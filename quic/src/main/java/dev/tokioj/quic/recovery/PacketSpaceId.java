package dev.tokioj.quic.recovery;

/** The packet number spaces (RFC 9000 section 12.3), in the order in which a handshake passes through them. */
public enum PacketSpaceId {
    INITIAL(0),
    HANDSHAKE(1),
    APPLICATION(2);

    /** How many there are. */
    public static final int COUNT = 3;

    private final int index;

    PacketSpaceId(int index) {
        this.index = index;
    }

    /** 0 to 2, for arrays with a place for each space. */
    public int index() {
        return index;
    }
}
