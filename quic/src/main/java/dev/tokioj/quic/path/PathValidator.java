package dev.tokioj.quic.path;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Proves that the peer receives at an address: unpredictable PATH_CHALLENGE data must come back (RFC 9000 8.2). Every
 * challenge has data of its own, and any of the last few is accepted, since a response says only that the peer got it.
 */
public final class PathValidator {
    /** Where a validation is. */
    public enum State {
        /** Nothing was asked. */
        IDLE,
        /** A challenge is to be sent. */
        CHALLENGE_DUE,
        /** A challenge is on its way. */
        WAITING,
        /** A response came. */
        VALIDATED,
        /** No response came in time. */
        FAILED
    }

    private static final int REMEMBERED = 4;

    private final SecureRandom random;
    private final long[] data = new long[REMEMBERED];
    private int challenges;
    private State state = State.IDLE;
    private long giveUpAt = Long.MAX_VALUE;
    private long repeatAt = Long.MAX_VALUE;
    private long repeatAfter;

    /** A validator that has asked nothing. */
    public PathValidator(SecureRandom random) {
        this.random = random;
    }

    /** Where the validation is. */
    public State state() {
        return state;
    }

    /**
     * Starts, or starts again.
     *
     * @param pto ns until the challenge is repeated
     * @param patience ns until the path is given up (RFC 9000 8.2.4)
     */
    public void start(long now, long pto, long patience) {
        state = State.CHALLENGE_DUE;
        challenges = 0;
        repeatAfter = pto;
        repeatAt = Long.MAX_VALUE;
        giveUpAt = now + patience;
    }

    /** The data of the challenge that is being sent now. */
    public long challenge(long now) {
        long value = random.nextLong();
        data[challenges++ % REMEMBERED] = value;
        state = State.WAITING;
        repeatAt = now + repeatAfter;
        repeatAfter *= 2;
        return value;
    }

    /** A PATH_RESPONSE came; answers whether it was the one asked for. */
    public boolean response(long value) {
        if (state != State.WAITING && state != State.CHALLENGE_DUE) {
            return false;
        }
        int known = Math.min(challenges, REMEMBERED);
        boolean match = false;
        for (int i = 0; i < known; i++) {
            match |= data[i] == value;
        }
        if (match) {
            end(State.VALIDATED);
        }
        return match;
    }

    /** When {@link #onTimeout} has something to do. */
    public long deadline() {
        return Math.min(giveUpAt, repeatAt);
    }

    /** Asks again or gives up. */
    public void onTimeout(long now) {
        if (now >= giveUpAt) {
            end(State.FAILED);
        } else if (now >= repeatAt) {
            repeatAt = Long.MAX_VALUE;
            state = State.CHALLENGE_DUE;
        }
    }

    private void end(State last) {
        state = last;
        giveUpAt = Long.MAX_VALUE;
        repeatAt = Long.MAX_VALUE;
        Arrays.fill(data, 0);
        challenges = 0;
    }
}
