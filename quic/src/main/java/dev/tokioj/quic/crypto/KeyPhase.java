package dev.tokioj.quic.crypto;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import org.jspecify.annotations.Nullable;

/**
 * The 1-RTT keys of a connection through their updates (RFC 9001 section 6). Both directions are always in the same phase: an
 * update, whoever begins it, moves both. Held are the keys to write, and to read those of the previous, the current and the next
 * phase; the next are made ahead, so that no packet's handling shows whether its Key Phase bit was right (section 6.3). A
 * packet that fails to open changes nothing but a counter. The connection's owner alone uses it.
 */
public final class KeyPhase {
    /** Old read keys are kept so many PTOs after the first packet of the new phase, and the next update waits as long (section 6.5). */
    private static final int PTOS = 3;
    /** Packets left below the confidentiality limit for closing the connection. */
    private static final long RESERVE = 1024;

    private static final long NEVER = Long.MAX_VALUE;

    private final AeadLimits limits;
    private PacketKeys write;
    private PacketKeys read;
    private PacketKeys nextRead;
    private @Nullable PacketKeys previousRead;

    /** The updates so far; its lowest bit is the Key Phase bit. */
    private long generation;

    /** When {@link #previousRead} goes; {@link #NEVER} while no packet of this phase has come. */
    private long previousExpiry = NEVER;

    /** The lowest and highest packet number opened in this phase, and the highest of the phase before. */
    private long lowestRead = NEVER;

    private long highestRead = -1;
    private long highestPreviousRead = -1;
    private long lastOpenedGeneration;

    /** The first packet number sealed in this phase, -1 if none; how many have been. */
    private long firstWritten = -1;

    private long sealed;
    private long failedOpens;
    private boolean handshakeConfirmed;

    /** When another update may begin: {@link #NEVER} until a packet of this phase is acknowledged. */
    private long updateAllowedAt = NEVER;

    /** The phase of the first keys, with the limits of their AEAD. Takes both keys. */
    public KeyPhase(PacketKeys read, PacketKeys write) {
        this(read, write, AeadLimits.of(write.suite()));
    }

    /** The phase of the first keys, with limits that may be lower than the AEAD's. Takes both keys. */
    public KeyPhase(PacketKeys read, PacketKeys write, AeadLimits limits) {
        this.read = read;
        this.write = write;
        this.nextRead = read.next();
        this.limits = limits;
    }

    /** The Key Phase bit to write into headers. */
    public boolean bit() {
        return (generation & 1) != 0;
    }

    /** How many updates there have been. */
    public long generation() {
        return generation;
    }

    /** Packets that failed to open. */
    public long failedOpens() {
        return failedOpens;
    }

    /** The handshake is confirmed: this side may begin updates (section 6.1). */
    public void onHandshakeConfirmed() {
        handshakeConfirmed = true;
    }

    /**
     * Seals a 1-RTT packet as {@link PacketKeys#seal} does; its header has the {@link #bit()}.
     *
     * @throws IllegalStateException if the confidentiality limit is used up: {@link #isExhausted()} was ignored
     */
    public int seal(byte[] buf, int headerOff, int headerLen, int payloadLen, long pn) {
        if (sealed >= limits.confidentiality()) {
            throw new IllegalStateException("confidentiality limit reached");
        }
        if (PacketHeader.keyPhase(buf, headerOff) != bit()) {
            throw new IllegalArgumentException("packet " + pn + " has the wrong Key Phase bit");
        }
        int length = write.seal(buf, headerOff, headerLen, payloadLen, pn);
        sealed++;
        if (firstWritten < 0) {
            firstWritten = pn;
        }
        return length;
    }

    /** As {@link PacketKeys#rest}: the generations of a direction share what is given up. */
    public void rest() {
        write.rest();
        read.rest();
    }

    /** As {@link PacketKeys#unprotectHeader}: header protection is the same in all phases. */
    public int unprotectHeader(byte[] buf, int headerOff, int pnOff) {
        return read.unprotectHeader(buf, headerOff, pnOff);
    }

    /**
     * Opens a 1-RTT packet in place with the keys that its Key Phase bit and number ask for (section 6.5), and follows the
     * peer's update if it is the first of the next phase (section 6.2).
     *
     * @param headerLen the bytes of the unprotected header, packet number included
     * @param cipherLen the bytes behind it, tag included
     * @param now nanoseconds
     * @param pto the probe timeout with max_ack_delay, nanoseconds
     * @return the bytes of plaintext, or -1 if the packet is not authentic
     * @throws TransportException KEY_UPDATE_ERROR if the peer updated in a way it must not; AEAD_LIMIT_REACHED if too many
     *     packets have failed
     */
    public int open(byte[] buf, int headerOff, int headerLen, int cipherLen, long pn, long now, long pto)
            throws TransportException {
        discardOldKeys(now);
        boolean thisPhase = PacketHeader.keyPhase(buf, headerOff) == bit();
        PacketKeys previous = previousRead;
        int length;
        if (thisPhase) {
            length = opened(read.open(buf, headerOff, headerLen, cipherLen, pn));
            if (length >= 0) {
                onOpenedInThisPhase(pn, now, pto);
            }
        } else if (pn < lowestRead && previous != null) {
            length = opened(previous.open(buf, headerOff, headerLen, cipherLen, pn));
            if (length >= 0) {
                highestPreviousRead = Math.max(highestPreviousRead, pn);
                lastOpenedGeneration = generation - 1;
            }
        } else {
            length = opened(nextRead.open(buf, headerOff, headerLen, cipherLen, pn));
            if (length >= 0) {
                followPeer();
                onOpenedInThisPhase(pn, now, pto);
            }
        }
        return length;
    }

    /** Counts failures against the integrity limit (section 6.6). */
    private int opened(int length) throws TransportException {
        if (length < 0 && ++failedOpens > limits.integrity()) {
            throw new TransportException(TransportError.AEAD_LIMIT_REACHED, "too many packets failed authentication");
        }
        return length;
    }

    private void onOpenedInThisPhase(long pn, long now, long pto) throws TransportException {
        if (pn < highestPreviousRead) {
            throw keyUpdateError("newer keys on a lower packet number");
        }
        if (highestRead < 0 && previousRead != null) {
            previousExpiry = saturatedAdd(now, PTOS * pto);
        }
        lowestRead = Math.min(lowestRead, pn);
        highestRead = Math.max(highestRead, pn);
        lastOpenedGeneration = generation;
    }

    private void followPeer() throws TransportException {
        // Nothing sealed since the last update: so no acknowledgment either, without which the peer must wait (section
        // 6.2).
        if (generation > 0 && firstWritten < 0) {
            throw keyUpdateError("two updates without waiting for an acknowledgment");
        }
        advance();
    }

    private void advance() {
        if (previousRead != null) {
            previousRead.destroyGeneration();
        }
        previousRead = read;
        read = nextRead;
        nextRead = read.next();
        PacketKeys oldWrite = write;
        write = oldWrite.next();
        oldWrite.destroyGeneration();
        generation++;
        previousExpiry = NEVER;
        highestPreviousRead = highestRead;
        lowestRead = NEVER;
        highestRead = -1;
        firstWritten = -1;
        sealed = 0;
        updateAllowedAt = NEVER;
    }

    /**
     * The packet just opened acknowledges packets up to {@code largestAcked}.
     *
     * @param now nanoseconds
     * @param pto the probe timeout, nanoseconds
     * @throws TransportException KEY_UPDATE_ERROR if it acknowledges a packet of this phase and is itself of the phase before
     *     (section 6.2)
     */
    public void onAckReceived(long largestAcked, long now, long pto) throws TransportException {
        if (firstWritten < 0 || largestAcked < firstWritten) {
            return;
        }
        if (lastOpenedGeneration < generation) {
            throw keyUpdateError("new keys acknowledged with old ones");
        }
        if (updateAllowedAt == NEVER) {
            updateAllowedAt = saturatedAdd(now, PTOS * pto);
        }
    }

    /**
     * Whether this side may begin an update (sections 6.1 and 6.5): the handshake is confirmed, and a packet of this phase was
     * acknowledged 3 PTO ago, which the first update need not wait for.
     */
    public boolean canUpdate(long now) {
        return handshakeConfirmed && (generation == 0 || now >= updateAllowedAt);
    }

    /** Begins an update: what is sealed from now on has the new keys and the new {@link #bit()}. */
    public void update(long now) {
        if (!canUpdate(now)) {
            throw new IllegalStateException("no key update is allowed now");
        }
        advance();
    }

    /** Whether half of the confidentiality limit is used: {@link #update} as soon as it is allowed. */
    public boolean isUpdateDue() {
        return sealed >= limits.confidentiality() / 2;
    }

    /** Whether only packets to close the connection may still be sealed: close with AEAD_LIMIT_REACHED (section 6.6). */
    public boolean isExhausted() {
        return sealed >= limits.confidentiality() - Math.min(RESERVE, limits.confidentiality() / 8);
    }

    /** When the old read keys are to be discarded; {@link Long#MAX_VALUE}: not known yet, or there are none. */
    public long oldKeysDeadline() {
        return previousRead == null ? NEVER : previousExpiry;
    }

    /** Wipes the old read keys if their time has come (section 6.5). */
    public void discardOldKeys(long now) {
        if (previousRead != null && now >= previousExpiry) {
            previousRead.destroyGeneration();
            previousRead = null;
            previousExpiry = NEVER;
        }
    }

    /** Wipes all keys. */
    public void destroy() {
        if (previousRead != null) {
            previousRead.destroyGeneration();
        }
        nextRead.destroyGeneration();
        read.destroy();
        write.destroy();
    }

    private static long saturatedAdd(long time, long delay) {
        long sum = time + delay;
        return sum < time ? NEVER : sum;
    }

    private static TransportException keyUpdateError(String reason) {
        return new TransportException(TransportError.KEY_UPDATE_ERROR, reason);
    }

    /** Adds what a packet needs of it. */
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        read.collect(to);
        write.collect(to);
    }
}
