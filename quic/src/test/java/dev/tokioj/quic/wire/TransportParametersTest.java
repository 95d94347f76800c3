package dev.tokioj.quic.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TransportParametersTest {
    /** initial_source_connection_id, which a client must send. */
    private static final String CLIENT = "0f 02 aabb";

    private static final String SERVER = CLIENT + "00 03 010203";
    private static final String TOKEN = "77".repeat(16);
    private static final String PREFERRED = "c0000201 01bb" + "20010db8" + "00".repeat(12) + "01bb";

    private static TransportParameters read(boolean fromServer, String hex) throws TransportException {
        return TransportParameters.decode(HexFormat.of().parseHex(hex.replace(" ", "")), fromServer);
    }

    private static void refused(boolean fromServer, String hex) {
        TransportException e = assertThrows(TransportException.class, () -> read(fromServer, hex), hex);
        assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR.code(), e.code(), hex);
    }

    private static ConnectionId id(Random random, int least) {
        byte[] bytes = new byte[least + random.nextInt(21 - least)];
        random.nextBytes(bytes);
        return ConnectionId.of(bytes);
    }

    private static byte[] bytes(Random random, int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }

    private static TransportParameters random(Random random, boolean server) {
        Frames numbers = new Frames(random);
        TransportParameters.Builder b = TransportParameters.builder()
                .maxIdleTimeout(numbers.varInt())
                .maxUdpPayloadSize(Math.max(1200, numbers.varInt()))
                .initialMaxData(numbers.varInt())
                .initialMaxStreamDataBidiLocal(numbers.varInt())
                .initialMaxStreamDataBidiRemote(numbers.varInt())
                .initialMaxStreamDataUni(numbers.varInt())
                .initialMaxStreamsBidi(Math.min(1L << 60, numbers.varInt()))
                .initialMaxStreamsUni(Math.min(1L << 60, numbers.varInt()))
                .ackDelayExponent(random.nextInt(21))
                .maxAckDelay(random.nextInt(1 << 14))
                .disableActiveMigration(random.nextBoolean())
                .activeConnectionIdLimit(Math.max(2, numbers.varInt()))
                .initialSourceConnectionId(id(random, 1))
                .maxDatagramFrameSize(numbers.varInt())
                .greaseQuicBit(random.nextBoolean());
        if (random.nextBoolean()) {
            b.versionInformation(new VersionInformation(1, List.of(0x6b33_43cf, 1, 0x1a2a_3a4a)));
        }
        if (server) {
            b.originalDestinationConnectionId(id(random, 8)).statelessResetToken(bytes(random, 16));
            b.retrySourceConnectionId(id(random, 0));
            b.preferredAddress(new PreferredAddress(
                    bytes(random, 4),
                    random.nextInt(65536),
                    bytes(random, 16),
                    random.nextInt(65536),
                    id(random, 1),
                    bytes(random, 16)));
        }
        return b.build();
    }

    private static String text(TransportParameters p) {
        PreferredAddress a = p.preferredAddress();
        String preferred = a == null
                ? "none"
                : Arrays.toString(a.ipv4())
                        + a.ipv4Port()
                        + Arrays.toString(a.ipv6())
                        + a.ipv6Port()
                        + a.connectionId()
                        + Arrays.toString(a.statelessResetToken());
        return p.toBuilder().statelessResetToken(null).preferredAddress(null).build()
                + preferred
                + Arrays.toString(p.statelessResetToken());
    }

    @Test
    void parametersComeBackAsTheyWereWritten() throws TransportException {
        long seed = 18;
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            boolean server = random.nextBoolean();
            TransportParameters p = random(random, server);
            assertEquals(text(p), text(TransportParameters.decode(p.encode(), server)), "seed " + seed + " " + i);
        }
    }

    @Test
    void absentParametersHaveTheirDefaults() throws TransportException {
        TransportParameters p = read(false, CLIENT);
        assertEquals(
                "aabb", Objects.requireNonNull(p.initialSourceConnectionId()).toString());
        assertNull(p.originalDestinationConnectionId());
        assertEquals(0, p.maxIdleTimeout());
        assertEquals(65527, p.maxUdpPayloadSize());
        assertEquals(0, p.initialMaxData());
        assertEquals(0, p.initialMaxStreamsBidi());
        assertEquals(3, p.ackDelayExponent());
        assertEquals(25, p.maxAckDelay());
        assertFalse(p.disableActiveMigration());
        assertEquals(2, p.activeConnectionIdLimit());
        assertEquals(0, p.maxDatagramFrameSize());
        assertFalse(p.greaseQuicBit());
        assertNull(p.versionInformation());
        assertArrayEquals(HexFormat.of().parseHex("0f02aabb"), p.encode());
    }

    /** The body of the extension in the ClientHello of RFC 9001 appendix A.2. */
    @Test
    void theParametersOfTheSampleClient() throws TransportException {
        TransportParameters p = read(
                false,
                "0408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff");
        assertEquals(VarInt.MAX, p.initialMaxData());
        assertEquals(65535, p.initialMaxStreamDataBidiLocal());
        assertEquals(65535, p.initialMaxStreamDataUni());
        assertEquals(16, p.initialMaxStreamsBidi());
        assertEquals(30_000, p.maxIdleTimeout());
        assertEquals(16, p.initialMaxStreamsUni());
        assertEquals(65535, p.initialMaxStreamDataBidiRemote());
    }

    @Test
    void unknownAndReservedParametersAreSkipped() throws TransportException {
        long seed = 3;
        Random random = new Random(seed);
        assertEquals(
                7,
                read(false, CLIENT + "1b 03 ffffff" + "ffffffffffffffff 00" + "12 01 00" + "04 01 07")
                        .initialMaxData());
        SecureRandom grease = new SecureRandom();
        for (int i = 0; i < 50; i++) {
            TransportParameters p = random(random, false);
            byte[] greased = p.encode(grease);
            assertTrue(greased.length > p.encode().length);
            assertEquals(text(p), text(TransportParameters.decode(greased, false)), "seed " + seed);
        }
    }

    @Test
    void duplicatesAreRefused() {
        refused(false, CLIENT + "04 01 07" + "04 01 07");
        refused(false, CLIENT + CLIENT);
        refused(false, CLIENT + "1b 00" + "04 01 07" + "1b 00");
        refused(false, CLIENT + "0c 00" + "4c 00".replace("4c", "400c"));
    }

    @Test
    void serverParametersAreRefusedFromAClient() throws TransportException {
        String[] server = {"00 01 aa", "02 10" + TOKEN, "0d 2a" + PREFERRED + "01 aa" + TOKEN, "10 01 aa"};
        for (String parameter : server) {
            refused(false, CLIENT + parameter);
            if (!parameter.startsWith("00")) {
                assertTrue(read(true, SERVER + parameter).toString().length() > 0);
            }
        }
    }

    @Test
    void connectionIdsThatMustBeThereAreMissed() {
        refused(false, "");
        refused(false, "04 01 07");
        refused(true, CLIENT);
        refused(true, "00 03 010203");
    }

    @Test
    void valuesOutOfRangeAreRefused() throws TransportException {
        refused(false, CLIENT + "03 02 44af"); // max_udp_payload_size 1199
        assertEquals(1200, read(false, CLIENT + "03 02 44b0").maxUdpPayloadSize());
        refused(false, CLIENT + "08 08 d000000000000001"); // 2^60+1 streams
        refused(false, CLIENT + "09 08 d000000000000001");
        assertEquals(1L << 60, read(false, CLIENT + "09 08 d000000000000000").initialMaxStreamsUni());
        refused(false, CLIENT + "0a 01 15"); // ack_delay_exponent 21
        assertEquals(20, read(false, CLIENT + "0a 01 14").ackDelayExponent());
        refused(false, CLIENT + "0b 04 80004000"); // max_ack_delay 2^14
        assertEquals(16383, read(false, CLIENT + "0b 02 7fff").maxAckDelay());
        refused(false, CLIENT + "0e 01 01"); // active_connection_id_limit 1
        assertEquals(3, read(false, CLIENT + "0e 01 03").activeConnectionIdLimit());
    }

    @Test
    void wrongLengthsAreRefused() {
        refused(false, CLIENT + "04 02 07");
        refused(false, CLIENT + "04 02 0707");
        refused(false, CLIENT + "04 00");
        refused(false, CLIENT + "0c 01 00");
        refused(false, CLIENT + "6ab2 01 00");
        refused(false, "0f 15" + "aa".repeat(21));
        refused(true, SERVER + "02 0f" + "77".repeat(15));
        refused(true, SERVER + "02 11" + "77".repeat(17));
        refused(false, CLIENT + "04 ffffffffffffffff 00");
        refused(false, CLIENT + "44");
    }

    @Test
    void aPreferredAddressNeedsConnectionIds() throws TransportException {
        refused(true, SERVER + "0d 29" + PREFERRED + "00" + TOKEN);
        refused(true, SERVER + "0d 3e" + PREFERRED + "15" + "aa".repeat(21) + TOKEN);
        refused(true, "0f 00 00 03 010203" + "0d 2a" + PREFERRED + "01 aa" + TOKEN);
        refused(true, SERVER + "0d 2b" + PREFERRED + "01 aa" + TOKEN + "00");
        PreferredAddress read = Objects.requireNonNull(
                read(true, SERVER + "0d 2a" + PREFERRED + "01 aa" + TOKEN).preferredAddress());
        assertEquals(443, read.ipv4Port());
        assertEquals(443, read.ipv6Port());
        assertArrayEquals(new byte[] {(byte) 192, 0, 2, 1}, read.ipv4());
        assertEquals("aa", read.connectionId().toString());
    }

    @Test
    void versionInformationIsChecked() throws TransportException {
        refused(false, CLIENT + "11 00");
        refused(false, CLIENT + "11 03 000001");
        refused(false, CLIENT + "11 09 00000001 00000001 00");
        refused(false, CLIENT + "11 04 00000000");
        refused(false, CLIENT + "11 08 00000001 00000000");
        refused(false, CLIENT + "11 08 00000001 6b3343cf"); // chosen but not available
        assertEquals(
                new VersionInformation(1, List.of(0x6b33_43cf, 1)),
                read(false, CLIENT + "11 0c 00000001 6b3343cf 00000001").versionInformation());
        assertEquals(
                new VersionInformation(1, List.of()),
                read(true, SERVER + "11 04 00000001").versionInformation());
    }

    @Test
    void hugeValuesSaturate() throws TransportException {
        TransportParameters p = read(false, CLIENT + "01 08 ffffffffffffffff" + "03 08 ffffffffffffffff" + "0a 01 14");
        assertEquals(Long.MAX_VALUE, p.maxIdleTimeoutNanos());
        assertEquals(65527, p.udpPayloadLimit());
        assertEquals(Long.MAX_VALUE, p.ackDelayNanos(VarInt.MAX));
        assertEquals((3L << 20) * 1000, p.ackDelayNanos(3));
        assertEquals(25_000_000, p.maxAckDelayNanos());
        assertEquals(8000, read(false, CLIENT).ackDelayNanos(1));
        assertEquals(30_000_000_000L, read(false, CLIENT + "01 04 80007530").maxIdleTimeoutNanos());
    }

    @Test
    void mutatedParametersAreReadOrRefused() {
        long seed = 55_555;
        Random random = new Random(seed);
        int accepted = 0;
        int refused = 0;
        long most = 0;
        for (int i = 0; i < 100_000; i++) {
            boolean server = random.nextBoolean();
            byte[] encoded = random(random, server).encode();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                encoded[random.nextInt(encoded.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                encoded = Arrays.copyOf(encoded, random.nextInt(encoded.length + 8));
            }
            long before = Allocated.bytes();
            try {
                TransportParameters.decode(encoded, server);
                accepted++;
            } catch (TransportException e) {
                refused++;
                assertEquals(TransportError.TRANSPORT_PARAMETER_ERROR.code(), e.code(), "seed " + seed + " " + i);
            }
            most = Math.max(most, Allocated.bytes() - before);
        }
        assertTrue(accepted > 5000 && refused > 5000, accepted + " accepted, " + refused + " refused");
        assertTrue(most < 200_000, most + " bytes for one extension");
    }
}
