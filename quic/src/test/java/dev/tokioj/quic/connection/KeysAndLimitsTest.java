package dev.tokioj.quic.connection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.endpoint.EndpointConfig;
import dev.tokioj.quic.path.NetPath;
import dev.tokioj.quic.wire.FrameCodec;
import dev.tokioj.quic.wire.TransportError;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeysAndLimitsTest {

    private static Pair pair(long seed, QuicConfig client, QuicConfig server) {
        return new Pair(seed, client, server, EndpointConfig.builder());
    }

    @Test
    void keysAreUpdatedByEitherSideAndByPacketCount() {
        var pair = pair(1, QuicConfig.builder().keyUpdatePackets(200).build(), QuicConfig.defaults());
        pair.prepare = app -> app.echo = true;
        TestApp client = pair.connected();
        pair.server.app().connection().updateKeys();
        pair.settle();
        assertEquals(1, client.connection().stats().keyUpdates());
        assertEquals(1, pair.server.app().connection().stats().keyUpdates());
        byte[] data = new byte[2_000_000];
        pair.random.nextBytes(data);
        long id = client.send(true, data);
        pair.run(() -> client.finished(id));
        assertArrayEquals(data, client.received(id));
        pair.settle();
        assertTrue(client.connection().stats().keyUpdates() > 1);
        assertEquals(
                client.connection().stats().keyUpdates(),
                pair.server.app().connection().stats().keyUpdates());
    }

    @Test
    void aQuietConnectionGivesBackWhatOnlyABusyOneNeedsAndGoesOn() {
        QuicConfig config = QuicConfig.builder().quietAfter(400 * Pair.MILLI).build();
        var pair = pair(60, config, config);
        pair.prepare = app -> app.echo = true;
        TestApp client = pair.connected();
        pair.settle();
        for (int round = 0; round < 3; round++) {
            long id = client.send(true, new byte[100_000]);
            pair.run(() -> client.finished(id));
            pair.runFor(100 * Pair.MILLI);
            for (Connection c : List.of(client.connection(), pair.server.app().connection())) {
                assertFalse(Forge.transport(c).idle.isResting(), "too early in round " + round);
            }
            pair.runFor(Pair.SECOND);
            for (Connection c : List.of(client.connection(), pair.server.app().connection())) {
                assertTrue(Forge.transport(c).idle.isResting(), "round " + round);
            }
            client.connection().updateKeys();
        }
        assertTrue(client.connection().stats().keyUpdates() > 0);
    }

    @Test
    void tooManyForgedPacketsCloseTheConnection() {
        var pair = pair(
                2, QuicConfig.defaults(), QuicConfig.builder().forgedPackets(50).build());
        TestApp client = pair.connected();
        byte[] packet = Forge.oneRtt(client.connection(), pair.now, FrameCodec::writePing);
        packet[packet.length - 1] ^= 1;
        for (int i = 0; i < 50; i++) {
            pair.inject(packet, Pair.CLIENT, Pair.SERVER);
        }
        pair.runFor(Pair.MILLI);
        assertNull(pair.server.app().closed);
        pair.inject(packet, Pair.CLIENT, Pair.SERVER);
        pair.runFor(Pair.MILLI);
        CloseReason reason = pair.server.app().closed;
        assertEquals(TransportError.AEAD_LIMIT_REACHED.code(), reason == null ? -1 : reason.code());
    }

    @Test
    void keysOfOldLevelsAreDiscarded() {
        var pair = new Pair(3);
        TestApp client = pair.connected();
        for (Connection c : List.of(client.connection(), pair.server.app().connection())) {
            Transport t = Forge.transport(c);
            assertTrue(t.initial.isDiscarded());
            assertTrue(t.handshakeSpace.isDiscarded());
            assertFalse(t.application.isDiscarded());
            assertEquals(0, t.loss.bytesInFlight());
        }
    }

    @Test
    void beforeTheAddressIsProvedThreeTimesWhatCameIsSent() {
        for (long seed = 10; seed < 14; seed++) {
            var pair = new Pair(seed);
            long[] bytes = new long[2];
            pair.network = d -> {
                bytes[d.toServer() ? 0 : 1] += d.bytes().length;
                if (!d.toServer()) {
                    assertTrue(bytes[1] <= 3 * bytes[0], bytes[1] + " sent for " + bytes[0]);
                    return null; // the client hears nothing, and so proves nothing
                }
                return d.order() == 0 ? d : null;
            };
            pair.connect();
            pair.runFor(4 * Pair.SECOND);
            assertTrue(bytes[1] > 1200, "seed " + seed);
        }
    }

    @Test
    void severalPacketsInADatagramCountOnce() {
        var pair = new Pair(20);
        TestApp client = pair.connect();
        pair.network = d -> d.toServer() ? d : null;
        pair.run(() -> !pair.server.connections.isEmpty());
        Transport t = Forge.transport(pair.server.connections.get(0));
        long before = t.paths.active().limit().allowance();
        // Several times the same small packet: counted by the datagram, whatever it holds.
        byte[] one = Forge.packet(
                client.connection(),
                Forge.transport(client.connection()).initial,
                pair.now,
                FrameCodec::writePing,
                _ -> {});
        byte[] datagram = new byte[one.length * (1200 / one.length + 1)];
        for (int at = 0; at < datagram.length; at += one.length) {
            System.arraycopy(one, 0, datagram, at, one.length);
        }
        pair.server.endpoint.receive(
                pair.now, datagram, 0, datagram.length, new NetPath(0, Pair.SERVER, Pair.CLIENT), 0);
        assertEquals(before + 3L * datagram.length, t.paths.active().limit().allowance());
    }

    @Test
    void everyDatagramWithAnInitialIsPadded() {
        var pair = new Pair(21);
        TestApp client = pair.connect(true);
        pair.run(() -> client.completed == 1);
        pair.settle();
        for (var d : pair.log) {
            boolean initial = (d.bytes()[0] & 0xf0) == 0xc0 || (d.bytes()[0] & 0xb0) == 0x80;
            if (d.toServer() && initial) {
                assertEquals(1200, d.bytes().length);
            }
        }
        // A server's Initial that asks for an acknowledgement is padded; one of an ACK alone need not be.
        assertEquals(
                1200,
                pair.log.stream()
                        .filter(d -> !d.toServer())
                        .mapToInt(d -> d.bytes().length)
                        .max()
                        .orElseThrow());
    }

    @Test
    void lossOfAnyOneDatagramOfTheHandshakeIsSurvived() {
        for (int lost = 0; lost < 14; lost++) {
            var pair = new Pair(30 + lost);
            int number = lost;
            pair.network = d -> d.order() == number ? null : d;
            TestApp client = pair.connect(true);
            pair.run(() -> client.completed == 1
                    && Forge.transport(client.connection()).handshake.isConfirmed());
            long id = client.send(true, new byte[5000]);
            pair.run(() -> pair.server.app().finished(id));
            assertEquals(1, pair.server.accepted.size());
        }
    }

    @Test
    void delegatedWorkMayTakeLongAndPacketsWait() {
        var pair = new Pair(50);
        pair.prepare = app -> app.holdDelegated = true;
        TestApp client = pair.connect();
        pair.run(() -> !pair.server.accepted.isEmpty());
        TestApp server = pair.server.app();
        pair.runFor(2 * Pair.SECOND);
        assertEquals(1, server.delegated.size(), "once, however often the ClientHello comes");
        assertEquals(0, client.completed);
        server.delegated.get(0).run();
        server.connection().resume(pair.now, server.delegated.get(0));
        server.holdDelegated = false;
        pair.run(() -> client.completed == 1 && server.completed == 1);
    }

    @Test
    void oneRttPacketsWaitForTheEndOfTheHandshake() {
        var pair = new Pair(51);
        List<Pair.Datagram> held = new ArrayList<>();
        TestApp client = pair.connect();
        pair.run(() -> client.completed == 1);
        // The client's Finished is held back; what it sends after it arrives first.
        pair.network = d -> {
            if (d.toServer() && (d.bytes()[0] & 0x80) != 0) {
                held.add(d);
                return null;
            }
            return d;
        };
        pair.runFor(Pair.MILLI);
        long id = client.send(true, new byte[500]);
        pair.runFor(30 * Pair.MILLI);
        assertEquals(0, pair.server.app().completed);
        assertFalse(held.isEmpty());
        pair.network = d -> d;
        pair.inject(held.get(0).bytes(), Pair.CLIENT, Pair.SERVER);
        pair.runFor(Pair.MILLI);
        assertTrue(pair.server.app().finished(id), "without another packet from the client");
    }

    @Test
    void ecnIsValidatedAndLiesSwitchItOff() {
        var pair = new Pair(52);
        TestApp client = pair.connected();
        client.send(true, new byte[300_000]);
        pair.settle();
        assertEquals("CAPABLE", client.connection().stats().ecn());
        assertEquals(2, pair.log.getLast().toServer() ? pair.log.getLast().ecn() : 2);

        var bleached = new Pair(53);
        bleached.network = d -> d.ecn(0);
        TestApp other = bleached.connected();
        other.send(true, new byte[300_000]);
        bleached.settle();
        assertEquals("FAILED", other.connection().stats().ecn());
    }

    @Test
    void streamLimitsAreTold() {
        var pair = pair(
                54,
                QuicConfig.defaults(),
                QuicConfig.builder().maxBidiStreams(2).build());
        pair.prepare = app -> app.echo = true;
        TestApp client = pair.connected();
        assertTrue(client.send(true, new byte[10]) >= 0);
        long second = client.send(true, new byte[10]);
        assertTrue(second >= 0);
        assertEquals(-1, client.send(true, new byte[10]));
        pair.run(() -> client.finished(second));
        pair.settle();
        assertEquals(0, client.available, "the server holds its streams");
        Connection server = pair.server.app().connection();
        server.release(0);
        server.release(second);
        pair.settle();
        assertEquals(1, client.available);
        assertTrue(client.send(true, new byte[10]) >= 0);
    }

    @Test
    void resetAndStopSendingReachTheOtherSide() {
        var pair = new Pair(55);
        TestApp client = pair.connected();
        long id = client.send(true, new byte[3_000_000]);
        pair.runFor(15 * Pair.MILLI);
        pair.server.app().connection().stopSending(id, 77);
        pair.settle();
        assertEquals(List.of(id + ":77"), client.stopped);
        long other = client.connection().openStream(true, dev.tokioj.quic.stream.StreamSink.NONE);
        client.connection().write(other, new byte[10], 0, 10);
        client.connection().reset(other, 88);
        pair.settle();
        TestApp.Received r = pair.server.app().streams.get(other);
        assertNotNull(r);
        assertEquals(88, r.reset);
    }

    @Test
    void bulkIsSentInBatchesOfEqualSegments() {
        var pair = new Pair(56);
        TestApp client = pair.connected();
        client.send(false, new byte[4_000_000]);
        pair.run(() -> pair.server.app().finished(2));
        int segments = pair.client.sentDatagrams;
        assertTrue(segments > 3000);
        assertTrue(segments / pair.client.batches >= 3, segments + " datagrams in " + pair.client.batches);
    }

    @Test
    void theHeapHoldsLittleOfAClosedConnection() {
        var pair = new Pair(57);
        TestApp client = pair.connected();
        Connection c = client.connection();
        c.close(0, "");
        pair.runFor(20 * Pair.MILLI);
        assertEquals(Connection.State.CLOSING, c.state());
        assertNull(c.transport());
    }
}
