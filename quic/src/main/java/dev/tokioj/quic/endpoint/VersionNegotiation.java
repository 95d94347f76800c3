package dev.tokioj.quic.endpoint;

import dev.tokioj.quic.wire.ByteWriter;
import dev.tokioj.quic.wire.PacketHeader;
import dev.tokioj.quic.wire.Version;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** What a server answers to a version that it does not speak (RFC 9000 6.1 and 17.2.1). */
final class VersionNegotiation {
    /** Bytes of the packet without its IDs and versions. */
    private static final int FIXED = 7;

    private VersionNegotiation() {}

    /**
     * Encodes the packet.
     *
     * @param header of the packet that it answers
     * @param grease whether it also names a version that nobody speaks (RFC 9000 15)
     */
    static byte[] encode(PacketHeader header, List<Version> spoken, boolean grease, RandomGenerator random) {
        int[] versions = new int[spoken.size() + (grease ? 1 : 0)];
        for (int i = 0; i < spoken.size(); i++) {
            versions[i] = spoken.get(i).number();
        }
        if (grease) {
            versions[spoken.size()] = (random.nextInt() & 0xf0f0f0f0) | 0x0a0a0a0a; // RFC 9000 15: reserved
        }
        int size = FIXED + header.dcidLength() + header.scidLength() + 4 * versions.length;
        var w = new ByteWriter().reset(new byte[size], 0, size);
        PacketHeader.writeVersionNegotiation(w, random.nextInt(64), header, versions);
        return Arrays.copyOf(w.array(), w.position());
    }
}
