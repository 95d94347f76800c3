package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CryptoStreamTest {

    @Test
    void anyOrderAnyOverlapComesOutOnceInOrder() throws TransportException {
        for (long seed = 0; seed < 50; seed++) {
            var random = new Random(seed);
            byte[] data = new byte[3000];
            random.nextBytes(data);
            List<int[]> pieces = new ArrayList<>();
            for (int at = 0; at < data.length; at += 100) {
                int len = Math.min(data.length - at, 100 + random.nextInt(200));
                pieces.add(new int[] {at, len});
                if (random.nextInt(3) == 0) {
                    pieces.add(new int[] {at, len});
                }
            }
            Collections.shuffle(pieces, random);
            var stream = new CryptoStream(4096, 128, 0);
            var out = new ByteArrayOutputStream();
            for (int[] p : pieces) {
                stream.receive(new Frame.Crypto(p[0], data, p[0], p[1]), out::write);
            }
            assertArrayEquals(data, out.toByteArray(), "seed " + seed);
        }
    }

    @Test
    void whatIsAheadIsBoundedInBytesAndPieces() throws TransportException {
        var stream = new CryptoStream(4096, 128, 0);
        byte[] data = new byte[5000];
        CryptoStream.Sink none = (_, _, _) -> {};
        stream.receive(new Frame.Crypto(1, data, 0, 4095), none);
        var far =
                assertThrows(TransportException.class, () -> stream.receive(new Frame.Crypto(4096, data, 0, 1), none));
        assertEquals(TransportError.CRYPTO_BUFFER_EXCEEDED.code(), far.code());
        var holes = new CryptoStream(4096, 10, 0);
        for (int i = 1; i <= 19; i += 2) {
            holes.receive(new Frame.Crypto(i, data, 0, 1), none);
        }
        var many = assertThrows(TransportException.class, () -> {
            for (int i = 21; i < 23; i += 2) {
                holes.receive(new Frame.Crypto(i, data, 0, 1), none);
            }
        });
        assertEquals(TransportError.CRYPTO_BUFFER_EXCEEDED.code(), many.code());
        // In order there is no bound: the engine takes it.
        var inOrder = new CryptoStream(4096, 128, 0);
        for (int i = 0; i < 100; i++) {
            inOrder.receive(new Frame.Crypto(i * 5000L, data, 0, 5000), none);
        }
    }

    @Test
    void whatIsLostIsWantedAgainButForWhatArrivedOtherwise() {
        var stream = new CryptoStream(4096, 128, 0);
        assertFalse(stream.hasData());
        stream.send(new byte[100]);
        assertTrue(stream.hasData());
        stream.acked(0, 100);
        stream.lost(20, 30);
        stream.discard();
        assertFalse(stream.hasData());
    }
}
