package dev.tokioj.quic.path;

import dev.tokioj.quic.memory.ReadAhead;
import java.security.SecureRandom;

/** What a connection knows of one path it uses or tries: its addresses, its connection ID, and whether it is proved. */
public final class Path {
    private final NetPath net;
    private final AmplificationLimit limit = new AmplificationLimit();
    private final PathValidator validator;
    private RemoteCids.Entry cid;

    /**
     * A path that is not validated.
     *
     * @param cid the peer's connection ID to use on it
     */
    public Path(NetPath net, RemoteCids.Entry cid, SecureRandom random) {
        this.net = net;
        this.cid = cid;
        this.validator = new PathValidator(random);
    }

    /** Its addresses. */
    public NetPath net() {
        return net;
    }

    /** How much may be sent on it. */
    public AmplificationLimit limit() {
        return limit;
    }

    /** Proves it. */
    public PathValidator validator() {
        return validator;
    }

    /** Whether the peer has proved that it receives here. */
    public boolean isValidated() {
        return limit.isLifted();
    }

    /** The peer's connection ID to use on it. */
    public RemoteCids.Entry cid() {
        return cid;
    }

    /** Uses another of the peer's connection IDs. */
    public void cid(RemoteCids.Entry entry) {
        cid = entry;
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(limit);
        to.add(cid);
        to.add(cid.id());
        to.add(net);
    }
}
