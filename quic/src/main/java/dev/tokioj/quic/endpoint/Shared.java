package dev.tokioj.quic.endpoint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.security.SecureRandom;

/**
 * What the endpoints of one server share, each of which is on a loop of its own: the keys of tokens and stateless resets, so that
 * any of them understands what another has given out; how loops are named in connection IDs; and how many connections there are,
 * since the limits are the server's.
 *
 * <p>Any thread. The keys are set once and never changed. A count is changed by one atomic addition; who compares it with a limit
 * and adds afterwards may exceed the limit by one connection a loop.
 */
public final class Shared {
    private static final VarHandle HALF_OPEN;
    private static final VarHandle CONNECTIONS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HALF_OPEN = lookup.findVarHandle(Shared.class, "halfOpen", int.class);
            CONNECTIONS = lookup.findVarHandle(Shared.class, "connections", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final byte[] resetKey;
    private final byte[] tokenKey;
    private final Steering steering;

    /** Connections whose peer has not proved its address: in their handshake, or closed in it and remembered. */
    @SuppressWarnings("unused") // written through HALF_OPEN
    private volatile int halfOpen;

    /** Connections that are not closed, and those closed ones that {@link #halfOpen} counts. */
    @SuppressWarnings("unused") // written through CONNECTIONS
    private volatile int connections;

    private Shared(byte[] resetKey, byte[] tokenKey, Steering steering) {
        this.resetKey = resetKey;
        this.tokenKey = tokenKey;
        this.steering = steering;
    }

    /**
     * For the endpoints of one server.
     *
     * @param loops how many endpoints there are, 1 to {@link Steering#MAX_LOOPS}
     * @param random makes the keys that the configuration does not have
     */
    public static Shared of(EndpointConfig config, int loops, SecureRandom random) {
        byte[] resetKey = config.resetKey();
        byte[] tokenKey = config.tokenKey();
        return new Shared(
                resetKey != null ? resetKey.clone() : key(random),
                tokenKey != null ? tokenKey.clone() : key(random),
                Steering.random(loops, random));
    }

    private static byte[] key(SecureRandom random) {
        byte[] made = new byte[32];
        random.nextBytes(made);
        return made;
    }

    byte[] resetKey() {
        return resetKey;
    }

    byte[] tokenKey() {
        return tokenKey;
    }

    /** How datagrams name their loop. */
    public Steering steering() {
        return steering;
    }

    /** An endpoint's share of what is given out by the number. */
    int share(int ofAll) {
        return Math.ceilDiv(ofAll, steering.loops());
    }

    void addHalfOpen(int change) {
        HALF_OPEN.getAndAdd(this, change);
    }

    void addConnections(int change) {
        CONNECTIONS.getAndAdd(this, change);
    }

    /** Connections of all endpoints whose peer has not proved its address, as {@code maxHalfOpen} counts them. */
    public int halfOpen() {
        return halfOpen;
    }

    /** Connections of all endpoints, as {@code maxConnections} counts them. */
    public int connections() {
        return connections;
    }
}
