package dev.tokioj.quic.endpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.ConnectionId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokensTest {
    private static final long LIFE = 1_000;
    private static final ConnectionId ODCID = ConnectionId.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    private static final ConnectionId SCID = ConnectionId.of(new byte[] {9, 8, 7, 6});

    private final SecureRandom random = new SecureRandom();
    private final Tokens tokens = new Tokens(new byte[32], random, LIFE, 10 * LIFE);
    private final InetSocketAddress client = address(1, 1000);

    private static InetSocketAddress address(int host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host}), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private Tokens.Verdict check(byte[] token, long now, InetSocketAddress from) {
        return tokens.check(now, token, 0, token.length, from);
    }

    @Test
    void aRetryTokenIsGoodForItsAddressAndPortAndForAMoment() {
        byte[] token = tokens.retry(5, client, ODCID, SCID);
        assertEquals(new Tokens.Verdict.Retried(ODCID, SCID), check(token, 5 + LIFE, client));
        assertInstanceOf(Tokens.Verdict.Invalid.class, check(token, 6 + LIFE, client));
        // Another loop's turn may have begun before it was made, and no turn takes a second.
        assertEquals(new Tokens.Verdict.Retried(ODCID, SCID), check(token, 5 - 1_000_000_000L, client));
        assertInstanceOf(Tokens.Verdict.Invalid.class, check(token, 4 - 1_000_000_000L, client));
        assertInstanceOf(Tokens.Verdict.Invalid.class, check(token, 5, address(1, 1001)));
        assertInstanceOf(Tokens.Verdict.Invalid.class, check(token, 5, address(2, 1000)));
        var other = new Tokens(key(), random, LIFE, LIFE);
        assertInstanceOf(Tokens.Verdict.Invalid.class, other.check(5, token, 0, token.length, client));
    }

    private static byte[] key() {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 1);
        return key;
    }

    @Test
    void aNewTokenIsGoodForTheAddressOnAnyPortAndOtherwiseNothing() {
        byte[] token = tokens.newToken(5, client);
        assertInstanceOf(Tokens.Verdict.Known.class, check(token, 5 + 10 * LIFE, address(1, 9)));
        assertInstanceOf(Tokens.Verdict.None.class, check(token, 6 + 10 * LIFE, client));
        assertInstanceOf(Tokens.Verdict.None.class, check(token, 5, address(2, 1000)));
    }

    @Test
    void everyChangeOfATokenMakesItBad() {
        var dice = new Random(1);
        for (byte[] good : new byte[][] {tokens.retry(5, client, ODCID, SCID), tokens.newToken(5, client)}) {
            for (int i = 0; i < 3_000; i++) {
                byte[] bad = Arrays.copyOf(good, dice.nextInt(4) == 0 ? dice.nextInt(good.length + 40) : good.length);
                if (bad.length > 0) {
                    bad[dice.nextInt(bad.length)] ^= (byte) (1 + dice.nextInt(255));
                }
                if (!Arrays.equals(bad, good)) {
                    var verdict = check(bad, 5, client);
                    assertTrue(
                            verdict instanceof Tokens.Verdict.None || verdict instanceof Tokens.Verdict.Invalid,
                            "seed 1, " + i + ": " + verdict);
                }
            }
        }
    }

    @Test
    void aKindCannotBeTakenForTheOther() {
        byte[] retry = tokens.retry(5, client, ODCID, SCID);
        retry[0] = 2;
        assertInstanceOf(Tokens.Verdict.None.class, check(retry, 5, client));
    }

    @Test
    void resetTokensComeFromTheIdAndAKeyAlone() {
        var one = new StatelessReset(new byte[32], random);
        var same = new StatelessReset(new byte[32], random);
        var other = new StatelessReset(key(), random);
        assertArrayEquals(one.token(ODCID), same.token(ODCID));
        assertFalse(Arrays.equals(one.token(ODCID), other.token(ODCID)));
        assertFalse(Arrays.equals(one.token(ODCID), one.token(SCID)));
        for (int length = 22; length < 1300; length++) {
            byte[] reset = one.answer(length, ODCID.toBytes(), 0, 8);
            assertTrue(reset.length >= 21 && reset.length < length, length + " answered by " + reset.length);
            assertEquals(0x40, reset[0] & 0xc0);
            assertArrayEquals(one.token(ODCID), Arrays.copyOfRange(reset, reset.length - 16, reset.length));
        }
        assertFalse(StatelessReset.mayAnswer(21));
    }
}
