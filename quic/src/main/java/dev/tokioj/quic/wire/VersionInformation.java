package dev.tokioj.quic.wire;

import java.util.List;

/**
 * The version_information transport parameter (RFC 9368 section 3). Immutable; any thread.
 *
 * @param chosen the version the sender uses for this connection
 * @param available a client: all it offers, by preference; a server: all it has fully deployed
 */
public record VersionInformation(int chosen, List<Integer> available) {
    public VersionInformation {
        available = List.copyOf(available);
    }

    static VersionInformation read(ByteReader r, boolean fromServer) throws TransportException {
        int chosen = version(r);
        Integer[] available = new Integer[r.remaining() / 4];
        for (int i = 0; i < available.length; i++) {
            available[i] = version(r);
        }
        if (r.remaining() != 0) {
            throw malformed("a part of a version");
        }
        VersionInformation read = new VersionInformation(chosen, List.of(available));
        if (!fromServer && !read.available.contains(chosen)) {
            throw malformed("the client does not offer the version it chose");
        }
        return read;
    }

    private static int version(ByteReader r) throws TransportException {
        int version = (int) r.u32();
        if (version == 0) {
            throw malformed("version 0");
        }
        return version;
    }

    private static TransportException malformed(String what) {
        return new TransportException(TransportError.TRANSPORT_PARAMETER_ERROR, "version_information: " + what);
    }

    int size() {
        return 4 + 4 * available.size();
    }

    void write(ByteWriter w) {
        w.u32(chosen);
        for (int version : available) {
            w.u32(version);
        }
    }
}
