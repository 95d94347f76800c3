package dev.tokioj.quic.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class PathValidatorTest {
    private final PathValidator validator = new PathValidator(new SecureRandom());

    @Test
    void anyOfTheLastChallengesMayBeAnswered() {
        validator.start(0, 100, 1000);
        long first = validator.challenge(0);
        validator.onTimeout(100);
        assertEquals(PathValidator.State.CHALLENGE_DUE, validator.state());
        long second = validator.challenge(100);
        assertNotEquals(first, second);
        assertFalse(validator.response(first + 1));
        assertTrue(validator.response(first));
        assertEquals(PathValidator.State.VALIDATED, validator.state());
        assertFalse(validator.response(second), "it is over");
        assertEquals(Long.MAX_VALUE, validator.deadline());
    }

    @Test
    void repeatsEverMoreRarelyAndGivesUp() {
        validator.start(0, 100, 1000);
        int asked = 0;
        for (long now = 0; now <= 1000; now++) {
            validator.onTimeout(now);
            if (validator.state() == PathValidator.State.CHALLENGE_DUE) {
                validator.challenge(now);
                asked++;
            }
        }
        assertEquals(4, asked); // at 0, 100, 300 and 700
        assertEquals(PathValidator.State.FAILED, validator.state());
    }

    @Test
    void aResponseToNothingIsNothing() {
        assertFalse(validator.response(0));
        validator.start(0, 100, 1000);
        assertFalse(validator.response(0));
    }

    @Test
    void theLimitIsThreeTimesWhatCame() {
        var limit = new AmplificationLimit();
        assertEquals(0, limit.allowance());
        limit.received(100);
        limit.sent(250);
        assertEquals(50, limit.allowance());
        limit.sent(60);
        assertEquals(0, limit.allowance());
        limit.received(10);
        assertEquals(20, limit.allowance());
        limit.lift();
        assertEquals(Long.MAX_VALUE, limit.allowance());
    }

    @Test
    void responsesThatWaitAreBoundedAndTheOldestGo() {
        var cids = new RemoteCids(dev.tokioj.quic.wire.ConnectionId.EMPTY, 2, 64, _ -> {}, _ -> {});
        var net = new NetPath(0, null, new InetSocketAddress(1));
        var path = new Path(net, cids.first(), new SecureRandom());
        var responses = new PathResponses(3);
        for (int i = 0; i < 10; i++) {
            responses.add(i, path);
        }
        assertEquals(3, responses.size());
        assertEquals(7, responses.take());
        assertEquals(8, responses.take());
        assertTrue(responses.isNextOn(path));
        assertEquals(9, responses.take());
        assertFalse(responses.isNextOn(null));
    }
}
