package dev.tokioj.quic.path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.quic.wire.ConnectionId;
import dev.tokioj.quic.wire.Frame;
import dev.tokioj.quic.wire.TransportError;
import dev.tokioj.quic.wire.TransportException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CidsTest {
    private final List<byte[]> used = new ArrayList<>();
    private final List<byte[]> retired = new ArrayList<>();
    private final RemoteCids remote = new RemoteCids(id(0), 4, 8, used::add, retired::add);

    private static ConnectionId id(int n) {
        return ConnectionId.of(new byte[] {1, 2, 3, (byte) n});
    }

    private static Frame.NewConnectionId frame(int n, int priorTo) {
        byte[] token = new byte[16];
        token[0] = (byte) n;
        return new Frame.NewConnectionId(n, priorTo, id(n), token);
    }

    @Test
    void theSameAgainIsFineAndSomethingElseIsNot() throws TransportException {
        remote.onNewConnectionId(frame(1, 0));
        remote.onNewConnectionId(frame(1, 0));
        var otherId = new Frame.NewConnectionId(1, 0, id(9), new byte[16]);
        assertEquals(
                0x0a,
                assertThrows(TransportException.class, () -> remote.onNewConnectionId(otherId))
                        .code());
        var otherSequence = new Frame.NewConnectionId(2, 0, id(1), new byte[16]);
        assertEquals(
                0x0a,
                assertThrows(TransportException.class, () -> remote.onNewConnectionId(otherSequence))
                        .code());
    }

    @Test
    void retiredOnesAreReplacedAndSaidToBe() throws TransportException {
        RemoteCids.Entry first = remote.first();
        remote.onNewConnectionId(frame(1, 0));
        remote.onNewConnectionId(frame(2, 2));
        RemoteCids.Entry now = remote.stillValid(first);
        assertEquals(2, now.sequence());
        List<Long> said = new ArrayList<>();
        while (remote.hasRetireToSend()) {
            said.add(remote.peekRetire());
            remote.retireSent();
        }
        assertEquals(List.of(1L, 0L), said);
        remote.retireLost(1);
        assertTrue(remote.hasRetireToSend());
        remote.retireAcked(1);
        assertFalse(remote.hasRetireToSend());
        remote.onNewConnectionId(frame(1, 0)); // sent again by the peer: nothing new
        assertFalse(remote.hasSpare());
    }

    @Test
    void moreHolesInTheSequenceNumbersThanSetAreRefused() throws TransportException {
        RemoteCids.Entry entry = remote.first();
        for (int n = 2; n <= 16; n += 2) {
            remote.onNewConnectionId(frame(n, n));
            entry = remote.stillValid(entry);
            while (remote.hasRetireToSend()) {
                long sequence = remote.peekRetire();
                remote.retireSent();
                remote.retireAcked(sequence);
            }
        }
        var e = assertThrows(TransportException.class, () -> remote.onNewConnectionId(frame(18, 18)));
        assertEquals(TransportError.CONNECTION_ID_LIMIT_ERROR.code(), e.code());
        assertTrue(e.reason().contains("holes"), e.reason());
    }

    @Test
    void tokensCountOnlyWhileTheirIdIsUsed() throws TransportException {
        remote.onNewConnectionId(frame(1, 0));
        byte[] token = new byte[16];
        token[0] = 1;
        assertFalse(remote.isResetToken(token));
        RemoteCids.Entry taken = remote.take();
        assertNotNull(taken);
        assertTrue(remote.isResetToken(token));
        assertEquals(1, used.size());
        remote.release(taken);
        assertFalse(remote.isResetToken(token));
        assertEquals(1, retired.size());
        assertNull(remote.take());
    }

    @Test
    void wildSequenceNumbersEnd() {
        var fault = assertThrows(TransportException.class, () -> {
            for (int n = 0; n < 1000; n++) {
                var f = new Frame.NewConnectionId(
                        2L * n + 2,
                        2L * n + 2,
                        ConnectionId.of(new byte[] {(byte) n, (byte) (n >> 8), 7}),
                        new byte[16]);
                remote.onNewConnectionId(f);
                while (remote.hasRetireToSend()) {
                    long sequence = remote.peekRetire();
                    remote.retireSent();
                    remote.retireAcked(sequence);
                }
            }
        });
        assertEquals(TransportError.CONNECTION_ID_LIMIT_ERROR.code(), fault.code());
    }

    @Test
    void ourOwnAreReplacedAsTheyAreRetired() throws TransportException {
        int[] made = {100};
        List<ConnectionId> gone = new ArrayList<>();
        var local = new LocalCids(id(0), () -> id(made[0]++), gone::add);
        local.limit(8, 3);
        assertEquals(3, local.all().size());
        assertEquals(1, local.nextToSend());
        local.sent(1);
        local.sent(2);
        assertFalse(local.hasToSend());
        local.lost(2);
        assertEquals(2, local.nextToSend());
        byte[] carrier = id(0).toBytes();
        local.onRetire(1, carrier, 0);
        assertEquals(List.of(id(100)), gone);
        assertEquals(3, local.all().size());
        local.onRetire(1, carrier, 0); // the frame came twice
        assertEquals(3, local.all().size());
        local.lost(1); // it is gone: nothing to send again
        local.sent(2);
        assertEquals(3, local.nextToSend());
        assertThrows(TransportException.class, () -> local.onRetire(0, carrier, 0));
        assertThrows(TransportException.class, () -> local.onRetire(4, carrier, 0));
    }
}
