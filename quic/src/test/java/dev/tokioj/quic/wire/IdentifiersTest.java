package dev.tokioj.quic.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class IdentifiersTest {
    @Test
    void connectionIdsAreComparedByContent() {
        byte[] buf = {0, 1, 2, 3, 4, 1, 2, 3};
        ConnectionId a = ConnectionId.of(buf, 1, 3);
        ConnectionId b = ConnectionId.of(buf, 5, 3);
        assertEquals(a, b);
        assertEquals(a.hashCode(), b.hashCode());
        assertNotEquals(a, ConnectionId.of(buf, 0, 3));
        assertTrue(a.matches(buf, 5, 3));
        assertFalse(a.matches(buf, 5, 2));
        assertFalse(a.matches(buf, 0, 3));
        buf[1] = 9;
        assertEquals("010203", a.toString());
        assertEquals(2, a.byteAt(1));
    }

    @Test
    void aConnectionIdHasAtMost20Bytes() {
        assertEquals(20, ConnectionId.of(new byte[20]).length());
        assertThrows(IllegalArgumentException.class, () -> ConnectionId.of(new byte[21]));
    }

    @Test
    void errorsHaveTheirCodesAndNames() {
        assertEquals(0x0f, TransportError.AEAD_LIMIT_REACHED.code());
        assertEquals(0x12a, TransportError.crypto(42));
        assertEquals("CRYPTO_ERROR(42)", TransportError.name(0x12a));
        assertEquals("KEY_UPDATE_ERROR", TransportError.name(0x0e));
        assertEquals("0x200", TransportError.name(0x200));
        assertThrows(IllegalArgumentException.class, () -> TransportError.crypto(256));
        for (TransportError error : TransportError.values()) {
            assertEquals(error.name(), TransportError.name(error.code()));
        }
    }

    @Test
    void versionsAreFoundByNumber() {
        assertEquals(Version.V1, Version.of(1));
        assertEquals(Version.V2, Version.of(0x6b33_43cf));
        assertNull(Version.of(0));
        assertTrue(Version.isReserved(0x5a6a_7a8a));
        assertFalse(Version.isReserved(1));
    }
}
