package dev.tokioj.quic.path;

import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection IDs that the peer gave us (RFC 9000 5.1.2): which we use, which are spare, which we have to say are retired.
 * A peer that makes us retire more than it acknowledges is closed with CONNECTION_ID_LIMIT_ERROR.
 */
public final class RemoteCids {

    /** One of them. */
    @SuppressWarnings("ArrayRecordComponent") // the token is compared by MessageDigest alone
    public record Entry(long sequence, ConnectionId id, byte @Nullable [] resetToken) {}

    private final int limit;
    private final int maxSeen;
    private final Consumer<byte[]> tokenUsed;
    private final Consumer<byte[]> tokenRetired;
    private final List<Entry> spare = new ArrayList<>();
    private final List<Entry> used = new ArrayList<>();
    private final List<Long> retireToSend = new ArrayList<>();
    private final List<Long> retireUnacked = new ArrayList<>();
    /** Sequence numbers that came above {@link #seenBelow}. */
    private final List<Long> seen = new ArrayList<>();

    private long seenBelow = 1;
    private long retirePriorTo;

    /**
     * With the ID of the handshake.
     *
     * @param limit the active_connection_id_limit we sent
     * @param maxSeen sequence numbers that may come before a lower one does
     * @param tokenUsed hears of a stateless reset token that counts from now on
     * @param tokenRetired hears of one that counts no more
     */
    public RemoteCids(
            ConnectionId first, int limit, int maxSeen, Consumer<byte[]> tokenUsed, Consumer<byte[]> tokenRetired) {
        this.limit = limit;
        this.maxSeen = maxSeen;
        this.tokenUsed = tokenUsed;
        this.tokenRetired = tokenRetired;
        used.add(new Entry(0, first, null));
    }

    /** The first ID became another: a client learns the server's own (RFC 9000 7.2), by Retry or its first packet. */
    public Entry replaceFirst(ConnectionId id) {
        used.set(0, new Entry(0, id, null));
        return used.get(0);
    }

    /** The token of the first ID came in the transport parameters (RFC 9000 10.3). */
    public Entry firstToken(byte[] token) {
        Entry first = used.get(0);
        used.set(0, new Entry(first.sequence, first.id, token));
        tokenUsed.accept(token);
        return used.get(0);
    }

    /** The ID of the handshake. */
    public Entry first() {
        return used.get(0);
    }

    /** NEW_CONNECTION_ID (RFC 9000 19.15). */
    public void onNewConnectionId(Frame.NewConnectionId f) throws TransportException {
        if (!used.isEmpty() && used.get(0).id.length() == 0) {
            throw fault(TransportError.PROTOCOL_VIOLATION, "a new connection ID from a peer without");
        }
        checkKnown(f);
        if (retireToSend.size() + retireUnacked.size() > 2 * limit) {
            throw fault(TransportError.CONNECTION_ID_LIMIT_ERROR, "too many retired connection IDs unacknowledged");
        }
        boolean fresh = see(f.sequenceNumber());
        retirePriorTo(f.retirePriorTo());
        if (fresh) {
            if (f.sequenceNumber() < retirePriorTo) {
                retireToSend.add(f.sequenceNumber());
            } else {
                spare.add(new Entry(f.sequenceNumber(), f.connectionId(), f.statelessResetToken()));
            }
        }
        if (spare.size() + countActiveUsed() > limit) {
            throw fault(TransportError.CONNECTION_ID_LIMIT_ERROR, "more connection IDs than " + limit);
        }
    }

    private int countActiveUsed() {
        int n = 0;
        for (Entry e : used) {
            if (e.sequence >= retirePriorTo) {
                n++;
            }
        }
        return n;
    }

    /** The same sequence number or ID again must be the same in all (RFC 9000 19.15). */
    private void checkKnown(Frame.NewConnectionId f) throws TransportException {
        for (Entry e : used) {
            checkSame(e, f);
        }
        for (Entry e : spare) {
            checkSame(e, f);
        }
    }

    private static void checkSame(Entry e, Frame.NewConnectionId f) throws TransportException {
        boolean sameSequence = e.sequence == f.sequenceNumber();
        boolean sameId = e.id.equals(f.connectionId());
        boolean sameToken = e.resetToken == null || MessageDigest.isEqual(e.resetToken, f.statelessResetToken());
        if (sameSequence != sameId || (sameSequence && !sameToken)) {
            throw fault(TransportError.PROTOCOL_VIOLATION, "a connection ID given twice and not the same");
        }
    }

    /** Remembers a sequence number; false if it was there before. */
    private boolean see(long sequence) throws TransportException {
        if (sequence < seenBelow || seen.contains(sequence)) {
            return false;
        }
        seen.add(sequence);
        while (seen.remove((Long) seenBelow)) {
            seenBelow++;
        }
        if (seen.size() > maxSeen) {
            throw fault(TransportError.CONNECTION_ID_LIMIT_ERROR, "sequence numbers with too many holes");
        }
        return true;
    }

    private void retirePriorTo(long priorTo) {
        if (priorTo <= retirePriorTo) {
            return;
        }
        retirePriorTo = priorTo;
        for (Iterator<Entry> it = spare.iterator(); it.hasNext(); ) {
            Entry e = it.next();
            if (e.sequence < priorTo) {
                it.remove();
                retireToSend.add(e.sequence);
            }
        }
    }

    private static TransportException fault(TransportError error, String reason) {
        return new TransportException(error, FrameType.NEW_CONNECTION_ID, reason);
    }

    /**
     * The entry to go on with where {@code entry} was used: itself, or another if the peer has retired it. The frame that
     * retires an ID brings another (RFC 9000 5.1.2), so there is one.
     */
    public Entry stillValid(Entry entry) throws TransportException {
        if (entry.sequence >= retirePriorTo || !used.contains(entry)) {
            return entry;
        }
        Entry other = take();
        if (other == null) {
            for (Entry e : used) {
                if (e.sequence >= retirePriorTo) {
                    other = e;
                }
            }
        }
        if (other == null) {
            throw fault(TransportError.PROTOCOL_VIOLATION, "every connection ID is retired");
        }
        release(entry);
        return other;
    }

    /** A spare ID, used from now on; null if there is none. */
    public @Nullable Entry take() {
        Entry best = null;
        for (Entry e : spare) {
            if (best == null || e.sequence < best.sequence) {
                best = e;
            }
        }
        if (best == null) {
            return null;
        }
        spare.remove(best);
        used.add(best);
        if (best.resetToken != null) {
            tokenUsed.accept(best.resetToken);
        }
        return best;
    }

    /** An ID is not used any more: it is retired. */
    public void release(Entry entry) {
        if (!used.remove(entry)) {
            return;
        }
        if (entry.resetToken != null) {
            tokenRetired.accept(entry.resetToken);
        }
        retireToSend.add(entry.sequence);
    }

    /** Whether a spare ID is there. */
    public boolean hasSpare() {
        return !spare.isEmpty();
    }

    /** Whether a RETIRE_CONNECTION_ID is to be sent. */
    public boolean hasRetireToSend() {
        return !retireToSend.isEmpty();
    }

    /** The sequence number of the next RETIRE_CONNECTION_ID, not taken yet. */
    public long peekRetire() {
        return retireToSend.get(0);
    }

    /** RETIRE_CONNECTION_ID with {@link #peekRetire} was sent. */
    public void retireSent() {
        retireUnacked.add(retireToSend.remove(0));
    }

    /** RETIRE_CONNECTION_ID was acknowledged. */
    public void retireAcked(long sequence) {
        retireUnacked.remove((Long) sequence);
        retireToSend.remove((Long) sequence);
    }

    /** RETIRE_CONNECTION_ID was lost. */
    public void retireLost(long sequence) {
        if (retireUnacked.remove((Long) sequence)) {
            retireToSend.add(sequence);
        }
    }

    /** Whether a stateless reset token is that of an ID in use; takes the same time whatever it is (RFC 9000 10.3.1). */
    public boolean isResetToken(byte[] candidate) {
        boolean match = false;
        for (Entry e : used) {
            match |= e.resetToken != null && MessageDigest.isEqual(e.resetToken, candidate);
        }
        return match;
    }

    /** Tokens that count now. */
    public List<byte[]> usedTokens() {
        var tokens = new ArrayList<byte[]>();
        for (Entry e : used) {
            if (e.resetToken != null) {
                tokens.add(e.resetToken);
            }
        }
        return tokens;
    }
}
