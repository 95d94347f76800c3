package dev.tokioj.quic.path;

import dev.tokioj.quic.memory.ReadAhead;
import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.FrameType;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The connection IDs that we gave the peer to reach us by (RFC 9000 5.1.1). */
public final class LocalCids {

    /** One of them. */
    private static final class Entry {
        final long sequence;
        final ConnectionId id;
        boolean toSend;

        Entry(long sequence, ConnectionId id, boolean toSend) {
            this.sequence = sequence;
            this.id = id;
            this.toSend = toSend;
        }
    }

    private final List<Entry> active = new ArrayList<>();
    private final Supplier<ConnectionId> issue;
    private final Consumer<ConnectionId> retire;
    private ConnectionId lastUsed;
    private int limit = 1;
    private long nextSequence = 1;
    private int toSend;

    /**
     * With the ID of the handshake, whose sequence number is 0.
     *
     * @param issue makes an ID by which we are found
     * @param retire forgets one
     */
    public LocalCids(ConnectionId first, Supplier<ConnectionId> issue, Consumer<ConnectionId> retire) {
        this.issue = issue;
        this.retire = retire;
        this.lastUsed = first;
        active.add(new Entry(0, first, false));
    }

    /** Issues IDs up to what the peer keeps (active_connection_id_limit) and we give. */
    public void limit(long peers, int ours) {
        limit = (int) Math.min(peers, ours);
        fill();
    }

    private void fill() {
        while (active.size() < limit) {
            active.add(new Entry(nextSequence++, issue.get(), true));
            toSend++;
        }
    }

    /**
     * The peer will not use an ID any more (RFC 9000 19.16).
     *
     * @param carrier where the Destination Connection ID of the packet that says so is
     */
    public void onRetire(long sequence, byte[] carrier, int carrierOff) throws TransportException {
        if (sequence >= nextSequence) {
            throw fault("retires a connection ID that was not issued");
        }
        Entry entry = find(sequence);
        if (entry == null) {
            return; // retired before: the frame was sent again
        }
        if (entry.id.matches(carrier, carrierOff, entry.id.length())) {
            throw fault("retires the connection ID it is sent to");
        }
        if (entry.toSend) {
            toSend--;
        }
        active.remove(entry);
        retire.accept(entry.id);
        fill();
    }

    private static TransportException fault(String reason) {
        return new TransportException(TransportError.PROTOCOL_VIOLATION, FrameType.RETIRE_CONNECTION_ID, reason);
    }

    private @Nullable Entry find(long sequence) {
        for (Entry e : active) {
            if (e.sequence == sequence) {
                return e;
            }
        }
        return null;
    }

    /** Whether a NEW_CONNECTION_ID is to be sent. */
    public boolean hasToSend() {
        return toSend > 0;
    }

    /** The sequence number of the next to send; only if {@link #hasToSend}. */
    public long nextToSend() {
        for (Entry e : active) {
            if (e.toSend) {
                return e.sequence;
            }
        }
        throw new IllegalStateException("nothing to send");
    }

    /** The ID with a sequence number that {@link #nextToSend} answered. */
    public ConnectionId id(long sequence) {
        Entry e = find(sequence);
        if (e == null) {
            throw new IllegalStateException("retired: " + sequence);
        }
        return e.id;
    }

    /** NEW_CONNECTION_ID was sent. */
    public void sent(long sequence) {
        mark(sequence, false);
    }

    /** NEW_CONNECTION_ID was lost. */
    public void lost(long sequence) {
        mark(sequence, true);
    }

    private void mark(long sequence, boolean send) {
        Entry e = find(sequence);
        if (e != null && e.toSend != send) {
            e.toSend = send;
            toSend += send ? 1 : -1;
        }
    }

    /** Whether a packet came to another of our IDs than the one noted last. */
    public boolean isOther(byte[] buf, int off) {
        return !lastUsed.matches(buf, off, lastUsed.length());
    }

    /** Notes the ID that the peer uses. */
    public void noteUsed(byte[] buf, int off) {
        if (isOther(buf, off)) {
            for (Entry e : active) {
                if (e.id.matches(buf, off, e.id.length())) {
                    lastUsed = e.id;
                }
            }
        }
    }

    /** The IDs in use. */
    public List<ConnectionId> all() {
        return active.stream().map(e -> e.id).toList();
    }

    /** Adds what a packet needs of it. */
    public void collect(ReadAhead.Builder to) {
        to.add(this);
        to.add(lastUsed);
    }
}
