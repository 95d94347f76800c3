package dev.tokioj.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class KeyExchangeTest {
    private static final SecureRandom RANDOM = new SeededRandom(7);

    @Test
    void bothSidesAgreeWithSharesOfTheRightSize() throws TlsAlertException {
        check(NamedGroup.X25519MLKEM768, 1216, 1120, 64);
        check(NamedGroup.X25519, 32, 32, 32);
        check(NamedGroup.SECP256R1, 65, 65, 32);
        check(NamedGroup.SECP384R1, 97, 97, 48);
    }

    private static void check(NamedGroup group, int clientShare, int serverShare, int secret) throws TlsAlertException {
        for (int round = 0; round < 20; round++) {
            KeyExchange client = KeyExchange.generate(group, CryptoProvider.JDK, RANDOM);
            assertEquals(clientShare, client.share().length);
            KeyExchange.Answer answer = KeyExchange.answer(group, client.share(), CryptoProvider.JDK, RANDOM);
            assertEquals(serverShare, answer.share().length);
            assertEquals(secret, answer.secret().length);
            assertArrayEquals(answer.secret(), client.agree(answer.share()), group + " round " + round);
        }
    }

    @Test
    void hybridHasThePostQuantumPartFirst() throws TlsAlertException {
        KeyExchange client = KeyExchange.generate(NamedGroup.X25519MLKEM768, CryptoProvider.JDK, RANDOM);
        byte[] share = client.share();
        KeyExchange.Answer answer = KeyExchange.answer(NamedGroup.X25519MLKEM768, share, CryptoProvider.JDK, RANDOM);
        byte[] agreed = client.agree(answer.share());
        // Another ML-KEM ciphertext changes only the first half of the secret (implicit rejection, FIPS 203).
        byte[] otherKem = answer.share().clone();
        otherKem[100] ^= 1;
        byte[] other = client.agree(otherKem);
        assertFalse(Arrays.equals(agreed, 0, 32, other, 0, 32), "ML-KEM's part");
        assertTrue(Arrays.equals(agreed, 32, 64, other, 32, 64), "X25519's part");
    }

    @Test
    void sharesOfTheWrongLengthAreRefused() throws TlsAlertException {
        for (NamedGroup group : NamedGroup.values()) {
            KeyExchange client = KeyExchange.generate(group, CryptoProvider.JDK, RANDOM);
            byte[] clientShare = client.share();
            byte[] serverShare = KeyExchange.answer(group, clientShare, CryptoProvider.JDK, RANDOM)
                    .share();
            for (int change : new int[] {-1, 1}) {
                byte[] toServer = Arrays.copyOf(clientShare, clientShare.length + change);
                assertIllegal(
                        () -> KeyExchange.answer(group, toServer, CryptoProvider.JDK, RANDOM), group + " " + change);
                byte[] toClient = Arrays.copyOf(serverShare, serverShare.length + change);
                assertIllegal(() -> client.agree(toClient), group + " " + change);
            }
        }
    }

    @Test
    void pointsOffTheCurveAreRefused() throws TlsAlertException {
        for (NamedGroup group : new NamedGroup[] {NamedGroup.SECP256R1, NamedGroup.SECP384R1}) {
            byte[] share =
                    KeyExchange.generate(group, CryptoProvider.JDK, RANDOM).share();
            byte[] off = share.clone();
            off[off.length - 1] ^= 1;
            assertIllegal(() -> KeyExchange.answer(group, off, CryptoProvider.JDK, RANDOM), group + " off the curve");
            byte[] zero = new byte[share.length];
            zero[0] = 4;
            assertIllegal(() -> KeyExchange.answer(group, zero, CryptoProvider.JDK, RANDOM), group + " zero");
            byte[] large = share.clone();
            Arrays.fill(large, 1, large.length, (byte) 0xff);
            assertIllegal(
                    () -> KeyExchange.answer(group, large, CryptoProvider.JDK, RANDOM), group + " beyond the field");
            for (int form : new int[] {0, 2, 3, 5, 6}) {
                byte[] other = share.clone();
                other[0] = (byte) form;
                assertIllegal(
                        () -> KeyExchange.answer(group, other, CryptoProvider.JDK, RANDOM), group + " form " + form);
            }
        }
    }

    @Test
    void x25519PointsOfSmallOrderAreRefused() throws TlsAlertException {
        String[] points = { // https://cr.yp.to/ecdh.html#validate
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
        };
        byte[] hybrid = KeyExchange.generate(NamedGroup.X25519MLKEM768, CryptoProvider.JDK, RANDOM)
                .share();
        for (String point : points) {
            byte[] share = HexFormat.of().parseHex(point);
            assertIllegal(() -> KeyExchange.answer(NamedGroup.X25519, share, CryptoProvider.JDK, RANDOM), point);
            KeyExchange client = KeyExchange.generate(NamedGroup.X25519, CryptoProvider.JDK, RANDOM);
            assertIllegal(() -> client.agree(share), point);
            byte[] mixed = hybrid.clone();
            System.arraycopy(share, 0, mixed, 1184, 32);
            assertIllegal(
                    () -> KeyExchange.answer(NamedGroup.X25519MLKEM768, mixed, CryptoProvider.JDK, RANDOM),
                    "hybrid " + point);
        }
    }

    @Test
    void theTopBitOfAnX25519PointIsIgnored() throws TlsAlertException {
        KeyExchange client = KeyExchange.generate(NamedGroup.X25519, CryptoProvider.JDK, RANDOM);
        KeyExchange.Answer answer = KeyExchange.answer(NamedGroup.X25519, client.share(), CryptoProvider.JDK, RANDOM);
        byte[] marked = answer.share().clone();
        marked[31] |= (byte) 0x80;
        assertArrayEquals(answer.secret(), client.agree(marked), "RFC 7748 section 5");
    }

    @Test
    void encapsulationKeysThatAreNotReducedAreRefused() throws TlsAlertException {
        byte[] share = KeyExchange.generate(NamedGroup.X25519MLKEM768, CryptoProvider.JDK, RANDOM)
                .share();
        for (int at : new int[] {0, 3, 600, 1149}) {
            byte[] low = share.clone();
            low[at] = 0x01; // 3329 = 0xd01, little end first
            low[at + 1] = (byte) ((low[at + 1] & 0xf0) | 0x0d);
            assertIllegal(
                    () -> KeyExchange.answer(NamedGroup.X25519MLKEM768, low, CryptoProvider.JDK, RANDOM),
                    "low at " + at);
            byte[] high = share.clone();
            high[at + 1] = (byte) ((high[at + 1] & 0x0f) | 0x10);
            high[at + 2] = (byte) 0xd0;
            assertIllegal(
                    () -> KeyExchange.answer(NamedGroup.X25519MLKEM768, high, CryptoProvider.JDK, RANDOM),
                    "high at " + at);
        }
    }

    private interface Exchange {
        Object run() throws TlsAlertException;
    }

    private static void assertIllegal(Exchange exchange, String what) {
        TlsAlertException e = assertThrows(TlsAlertException.class, exchange::run, what);
        assertEquals(TlsAlert.ILLEGAL_PARAMETER, e.alert(), what);
    }
}
