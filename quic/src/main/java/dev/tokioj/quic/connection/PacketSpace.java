package dev.tokioj.quic.connection;

import dev.tokioj.quic.crypto.AeadLimits;
import dev.tokioj.quic.crypto.KeyPhase;
import dev.tokioj.quic.crypto.PacketKeys;
import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.recovery.AckTracker;
import dev.tokioj.quic.recovery.LossDetector;
import dev.tokioj.quic.recovery.PacketSpaceId;
import dev.tokioj.quic.recovery.RecoveryConfig;
import dev.tokioj.quic.recovery.SentPackets;
import dev.tokioj.quic.wire.PacketType;
import dev.tokioj.quic.wire.TransportException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One packet number space (RFC 9000 12.3): its keys, its numbers, what it received and sent, its handshake bytes. The
 * application's keys change phase, those of the others do not.
 */
final class PacketSpace {

    /** Whether a direction has keys. */
    private enum Keys {
        MISSING,
        INSTALLED,
        DISCARDED
    }

    /** Packets between two skipped numbers, at least; at most that and a window's packets more. */
    private static final int SKIP_AFTER = 64;

    final PacketSpaceId id;
    final PacketType type;
    final AckTracker acks;
    final SentPackets sent;
    final CryptoStream crypto;

    private final long updateAfter;
    private final long forgedPackets;
    /** Packets sealed in the key phase of this generation. */
    private long sealed;

    private long sealedGeneration;
    private Keys readState = Keys.MISSING;
    private Keys writeState = Keys.MISSING;
    private @Nullable PacketKeys read;
    private @Nullable PacketKeys write;
    private @Nullable KeyPhase phase;
    private long next;
    private long skipAt;
    private int pings;

    /**
     * @param updateAfter packets sealed with one key until it is to be updated
     * @param forgedPackets packets that may fail authentication until the connection is closed
     */
    PacketSpace(
            PacketSpaceId id,
            PacketType type,
            AckTracker acks,
            SentPackets sent,
            CryptoStream crypto,
            long updateAfter,
            long forgedPackets) {
        this.id = id;
        this.type = type;
        this.acks = acks;
        this.sent = sent;
        this.crypto = crypto;
        this.updateAfter = updateAfter;
        this.forgedPackets = forgedPackets;
        this.skipAt = Long.MAX_VALUE;
    }

    /**
     * What stands for a space of the handshake once its keys are discarded: it reads and writes nothing and nobody changes it, so that
     * all connections share it and keep no memory of their own handshake's.
     */
    static PacketSpace discarded(PacketSpaceId id) {
        return id == PacketSpaceId.INITIAL ? Gone.INITIAL : Gone.HANDSHAKE;
    }

    private static final class Gone {
        static final PacketSpace INITIAL = of(PacketSpaceId.INITIAL, PacketType.INITIAL);
        static final PacketSpace HANDSHAKE = of(PacketSpaceId.HANDSHAKE, PacketType.HANDSHAKE);

        private static PacketSpace of(PacketSpaceId id, PacketType type) {
            RecoveryConfig config = RecoveryConfig.builder().build();
            LossDetector loss = new LossDetector(config, false, Transport.MIN_INITIAL_DATAGRAM, false);
            PacketSpace space = new PacketSpace(
                    id, type, new AckTracker(id, config, 0), loss.sent(id), new CryptoStream(0, 1, id.index()), 1, 1);
            space.discard();
            return space;
        }
    }

    /** Whether this is the space of 1-RTT packets. */
    boolean isApplication() {
        return id == PacketSpaceId.APPLICATION;
    }

    boolean canRead() {
        return readState == Keys.INSTALLED;
    }

    boolean canWrite() {
        return writeState == Keys.INSTALLED;
    }

    boolean isDiscarded() {
        return readState == Keys.DISCARDED;
    }

    /** Takes the keys to read with; those that were there before are wiped (a Retry changes them). */
    void installRead(PacketKeys keys) {
        if (read != null) {
            read.destroy();
        }
        read = keys;
        readState = Keys.INSTALLED;
        joinPhase();
    }

    /** Takes the keys to write with. */
    void installWrite(PacketKeys keys) {
        if (write != null) {
            write.destroy();
        }
        write = keys;
        writeState = Keys.INSTALLED;
        joinPhase();
    }

    /** The keys of both directions update together, so they are held together. */
    private void joinPhase() {
        if (isApplication() && read != null && write != null) {
            long integrity = Math.min(forgedPackets, read.integrityLimit());
            phase = new KeyPhase(read, write, new AeadLimits(write.confidentialityLimit(), integrity));
        }
    }

    /** The phase of the application's keys; null until both directions have keys. */
    @Nullable KeyPhase phase() {
        return phase;
    }

    /** Removes header protection; answers the length of the packet number. */
    int unprotect(byte[] buf, int headerOff, int pnOff) {
        return reader().unprotectHeader(buf, headerOff, pnOff);
    }

    /** Opens a packet in place; -1 if it is not authentic. */
    int open(byte[] buf, int headerOff, int headerLen, int cipherLen, long pn, long now, long pto)
            throws TransportException {
        return phase != null
                ? phase.open(buf, headerOff, headerLen, cipherLen, pn, now, pto)
                : reader().open(buf, headerOff, headerLen, cipherLen, pn);
    }

    /** Seals a packet in place; answers its length. */
    int seal(byte[] buf, int headerOff, int headerLen, int payloadLen, long pn) {
        if (phase != null) {
            if (sealedGeneration != phase.generation()) {
                sealedGeneration = phase.generation();
                sealed = 0;
            }
            sealed++;
            return phase.seal(buf, headerOff, headerLen, payloadLen, pn);
        }
        if (write == null) {
            throw new IllegalStateException("no keys to write " + type);
        }
        return write.seal(buf, headerOff, headerLen, payloadLen, pn);
    }

    /** Whether the key to write with has sealed as many packets as one should. */
    boolean isUpdateDue() {
        return phase != null
                && (phase.isUpdateDue() || (sealed >= updateAfter && sealedGeneration == phase.generation()));
    }

    /** How often the keys were updated. */
    long keyGeneration() {
        return phase == null ? 0 : phase.generation();
    }

    /** The Key Phase bit to write. */
    boolean keyPhaseBit() {
        return phase != null && phase.bit();
    }

    private PacketKeys reader() {
        if (read == null) {
            throw new IllegalStateException("no keys to read " + type);
        }
        return read;
    }

    /**
     * The number of the next packet. Now and then one is left out, at random, so that a peer that acknowledges what it has
     * not received is caught (RFC 9000 21.4); the more packets a window holds, the longer that may take, and no longer.
     */
    long beginPacket(RandomGenerator random, long windowPackets) {
        if (isApplication()) {
            if (skipAt == Long.MAX_VALUE) {
                skipAt = next + SKIP_AFTER + random.nextLong(SKIP_AFTER + windowPackets);
            }
            if (next == skipAt) {
                sent.skip(next++);
                skipAt = next + SKIP_AFTER + random.nextLong(SKIP_AFTER + windowPackets);
            }
        }
        sent.begin(next);
        return next;
    }

    /** The packet of {@link #beginPacket} is sent. */
    void packetSent() {
        next++;
    }

    /** Nothing has happened for a while: gives back what only a busy connection needs. */
    void rest() {
        sent.trim();
        acks.trim();
        if (phase != null) {
            phase.rest();
        }
    }

    /** A PING is to be sent. */
    void requestPing() {
        pings = 1;
    }

    boolean pingRequested() {
        return pings > 0;
    }

    void pingWritten() {
        pings = 0;
    }

    /** Wipes the keys and forgets what is left (RFC 9001 4.9). */
    void discard() {
        if (phase != null) {
            phase.destroy();
        } else {
            if (read != null) {
                read.destroy();
            }
            if (write != null) {
                write.destroy();
            }
        }
        phase = null;
        read = null;
        write = null;
        readState = Keys.DISCARDED;
        writeState = Keys.DISCARDED;
        pings = 0;
        crypto.discard();
        acks.trim();
    }

    /** Adds what a packet needs of it. */
    void collect(ReadAhead.Builder to) {
        to.add(this);
        acks.collect(to);
        to.add(crypto);
        if (phase != null) {
            phase.collect(to);
        }
    }
}
