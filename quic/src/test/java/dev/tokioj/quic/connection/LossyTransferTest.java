package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LossyTransferTest {

    @Test
    void lossReorderingDuplicationAndDamageChangeNothingThatArrives() {
        for (long seed = 0; seed < 12; seed++) {
            var random = new Random(seed);
            var config = QuicConfig.builder()
                    .handshakeTimeout(30 * Pair.SECOND)
                    .congestion(
                            seed % 2 == 0
                                    ? QuicConfig.CongestionAlgorithm.CUBIC
                                    : QuicConfig.CongestionAlgorithm.NEW_RENO)
                    .build();
            var pair = new Pair(seed, config, config, EndpointConfig.builder());
            pair.prepare = app -> app.echo = true;
            pair.network = d -> {
                int dice = random.nextInt(100);
                if (dice < 4) {
                    return null;
                }
                if (dice < 6) {
                    byte[] bad = d.bytes().clone();
                    bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
                    return d.bytes(bad);
                }
                if (dice < 9) {
                    pair.inject(d.bytes(), d.from(), d.to());
                }
                if (dice < 14) {
                    return new Pair.Datagram(
                            d.arrival() + random.nextInt(8) * Pair.MILLI,
                            d.order(),
                            d.bytes(),
                            d.from(),
                            d.to(),
                            d.ecn());
                }
                return d;
            };
            TestApp client = pair.connect(seed % 3 == 0);
            pair.run(() -> client.completed == 1);
            List<Long> ids = new ArrayList<>();
            byte[] data = new byte[100_000];
            random.nextBytes(data);
            for (int i = 0; i < 5; i++) {
                ids.add(client.send(true, data));
            }
            pair.run(() -> ids.stream().allMatch(client::finished));
            for (long id : ids) {
                assertArrayEquals(data, client.received(id), "seed " + seed);
            }
            assertNull(client.closed, "seed " + seed);
            assertTrue(client.connection().stats().packetsLost() > 0, "seed " + seed);
        }
    }
}
