package dev.tokioj.http3;

import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the peer's control stream (RFC 9114 section 6.2.1) and keeps what it has said: SETTINGS first and once, a GOAWAY that only
 * falls, a maximum push ID that only rises (section 5.2, 7.2.6, 7.2.7). As nothing is ever pushed in either direction, no push can
 * be cancelled. All its errors are connection errors. One thread owns it.
 */
final class ControlStream implements FrameSink {
    /** No GOAWAY was received: nothing is excluded. */
    static final long NO_GOAWAY = Long.MAX_VALUE;

    /** What one more request gives back to the budget: a PRIORITY_UPDATE and some padding. */
    private static final int BUDGET_PER_REQUEST = 256;

    private final Role role;
    private final Http3FrameCodec codec;
    private final Budget ignored;
    private final ObjLongConsumer<Priority> priorities;
    private @Nullable Settings settings;
    private long goAway = NO_GOAWAY;
    private long maxPushId = -1;

    /** A reader for this side; {@code priorities} is told of every PRIORITY_UPDATE and its stream. */
    ControlStream(Role role, Http3Config config, ObjLongConsumer<Priority> priorities) {
        this.role = role;
        this.codec = new Http3FrameCodec(config.maxControlFrameSize());
        this.ignored = new Budget("ignored bytes on the control stream", config.ignoredBytesBudget());
        this.priorities = priorities;
    }

    /** Takes the next bytes of the stream. */
    void receive(byte[] buf, int off, int len) throws Http3Exception {
        codec.receive(buf, off, len, this);
    }

    /** A request was made: some of the budget comes back. */
    void onRequest() {
        ignored.earn(BUDGET_PER_REQUEST);
    }

    /** The peer's settings, or what holds until they have come (section 7.2.4.2). */
    Settings settings() {
        return settings == null ? Settings.DEFAULT : settings;
    }

    /** Whether SETTINGS has come. */
    boolean hasSettings() {
        return settings != null;
    }

    /** The ID of the last GOAWAY, or {@link #NO_GOAWAY}: of a server the first request it does not process. */
    long goAway() {
        return goAway;
    }

    @Override
    public Payload admit(long type) throws Http3Exception {
        if (settings == null) {
            if (type != FrameType.SETTINGS) {
                throw Http3Exception.connection(
                        Http3Error.H3_MISSING_SETTINGS,
                        "frame of type 0x" + Long.toHexString(type) + " before SETTINGS");
            }
            return Payload.HELD;
        }
        if (type == FrameType.GOAWAY || type == FrameType.CANCEL_PUSH) {
            return Payload.HELD;
        }
        if (role == Role.SERVER) {
            if (type == FrameType.MAX_PUSH_ID || type == FrameType.PRIORITY_UPDATE) {
                return Payload.HELD;
            }
            if (type == FrameType.PRIORITY_UPDATE_PUSH) {
                // RFC 9218 section 7.2: for a push that was not promised.
                throw idError("PRIORITY_UPDATE for a push");
            }
        }
        if (FrameType.isKnown(type)) {
            throw Http3Exception.connection(
                    Http3Error.H3_FRAME_UNEXPECTED,
                    "frame of type 0x" + Long.toHexString(type) + " on the control stream");
        }
        return Payload.SKIPPED;
    }

    @Override
    public void onSkipped(long length) throws Http3Exception {
        ignored.spend(Http3Config.FRAME_COST);
        ignored.spend(length);
    }

    @Override
    public void onDataFrame(long length) {
        throw new IllegalStateException("DATA was not admitted");
    }

    @Override
    public void onData(byte[] buf, int off, int len) {
        throw new IllegalStateException("DATA was not admitted");
    }

    @Override
    public void onFrame(Http3Frame frame) throws Http3Exception {
        ignored.spend(Http3Config.FRAME_COST);
        switch (frame) {
            case Http3Frame.SettingsFrame(var received) -> settings = received;
            case Http3Frame.GoAway(var id) -> onGoAway(id);
            case Http3Frame.MaxPushId(var pushId) -> {
                if (pushId < maxPushId) {
                    throw idError("MAX_PUSH_ID " + pushId + " after " + maxPushId);
                }
                maxPushId = pushId;
            }
            case Http3Frame.CancelPush(var pushId) -> throw idError("CANCEL_PUSH " + pushId + " of no push");
            case Http3Frame.PriorityUpdate(var streamId, var priority) -> {
                if ((streamId & 0x03) != 0) {
                    throw idError("PRIORITY_UPDATE for stream " + streamId);
                }
                priorities.accept(priority, streamId);
            }
            case Http3Frame.Headers headers ->
                throw new IllegalStateException("HEADERS of " + headers.len() + " bytes were not admitted");
        }
    }

    private void onGoAway(long id) throws Http3Exception {
        if (role == Role.CLIENT && (id & 0x03) != 0) {
            throw idError("GOAWAY with stream " + id);
        }
        if (id > goAway) {
            throw idError("GOAWAY " + id + " after " + goAway);
        }
        goAway = id;
    }

    private static Http3Exception idError(String reason) {
        return Http3Exception.connection(Http3Error.H3_ID_ERROR, reason);
    }
}
