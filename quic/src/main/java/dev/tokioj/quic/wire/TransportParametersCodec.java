package dev.tokioj.quic.wire;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the body of the quic_transport_parameters extension (RFC 9000 section 18). Unknown parameters, the reserved
 * ones of section 18.1 among them, are skipped. Whatever is wrong is TRANSPORT_PARAMETER_ERROR. Stateless.
 */
final class TransportParametersCodec {
    private static final int ORIGINAL_DESTINATION_CONNECTION_ID = 0x00;
    private static final int MAX_IDLE_TIMEOUT = 0x01;
    private static final int STATELESS_RESET_TOKEN = 0x02;
    private static final int MAX_UDP_PAYLOAD_SIZE = 0x03;
    private static final int INITIAL_MAX_DATA = 0x04;
    private static final int INITIAL_MAX_STREAM_DATA_BIDI_LOCAL = 0x05;
    private static final int INITIAL_MAX_STREAM_DATA_BIDI_REMOTE = 0x06;
    private static final int INITIAL_MAX_STREAM_DATA_UNI = 0x07;
    private static final int INITIAL_MAX_STREAMS_BIDI = 0x08;
    private static final int INITIAL_MAX_STREAMS_UNI = 0x09;
    private static final int ACK_DELAY_EXPONENT = 0x0a;
    private static final int MAX_ACK_DELAY = 0x0b;
    private static final int DISABLE_ACTIVE_MIGRATION = 0x0c;
    private static final int PREFERRED_ADDRESS = 0x0d;
    private static final int ACTIVE_CONNECTION_ID_LIMIT = 0x0e;
    private static final int INITIAL_SOURCE_CONNECTION_ID = 0x0f;
    private static final int RETRY_SOURCE_CONNECTION_ID = 0x10;
    private static final int VERSION_INFORMATION = 0x11;
    private static final int MAX_DATAGRAM_FRAME_SIZE = 0x20;
    private static final int GREASE_QUIC_BIT = 0x2ab2;

    private static final int TOKEN_LENGTH = 16;
    private static final int LEAST_UDP_PAYLOAD = 1200;
    private static final int MOST_ACK_DELAY_EXPONENT = 20;
    private static final int MOST_MAX_ACK_DELAY = (1 << 14) - 1;

    private TransportParametersCodec() {}

    /**
     * Reads what a peer sent and refuses values and combinations that section 18.2 forbids, duplicates (section 7.4), what only
     * a server may send if a client did, and that a connection ID is missing which must be there (section 7.3).
     */
    static TransportParameters decode(byte[] encoded, boolean fromServer) throws TransportException {
        ByteReader r = new ByteReader(TransportError.TRANSPORT_PARAMETER_ERROR).reset(encoded, 0, encoded.length);
        ByteReader value = new ByteReader(TransportError.TRANSPORT_PARAMETER_ERROR);
        TransportParameters.Builder b = TransportParameters.builder();
        // Two bytes at least for each: bounded by what came.
        long[] ids = new long[encoded.length / 2];
        int count = 0;
        while (r.remaining() > 0) {
            long id = r.varInt();
            int length = r.length();
            int at = r.skip(length);
            ids[count++] = id;
            readOne(b, id, value.reset(encoded, at, at + length), fromServer);
        }
        refuseDuplicates(ids, count);
        TransportParameters read = b.build();
        refuseContradictions(read, fromServer);
        return read;
    }

    private static void readOne(TransportParameters.Builder b, long id, ByteReader v, boolean fromServer)
            throws TransportException {
        if (id > GREASE_QUIC_BIT) {
            return;
        }
        switch ((int) id) {
            case ORIGINAL_DESTINATION_CONNECTION_ID ->
                b.originalDestinationConnectionId(connectionId(v, fromServer, "original_destination_connection_id"));
            case MAX_IDLE_TIMEOUT -> b.maxIdleTimeout(v.varInt());
            case STATELESS_RESET_TOKEN -> {
                serverOnly(fromServer, "stateless_reset_token");
                b.statelessResetToken(v.bytes(TOKEN_LENGTH));
            }
            case MAX_UDP_PAYLOAD_SIZE ->
                b.maxUdpPayloadSize(atLeast(LEAST_UDP_PAYLOAD, v.varInt(), "max_udp_payload_size"));
            case INITIAL_MAX_DATA -> b.initialMaxData(v.varInt());
            case INITIAL_MAX_STREAM_DATA_BIDI_LOCAL -> b.initialMaxStreamDataBidiLocal(v.varInt());
            case INITIAL_MAX_STREAM_DATA_BIDI_REMOTE -> b.initialMaxStreamDataBidiRemote(v.varInt());
            case INITIAL_MAX_STREAM_DATA_UNI -> b.initialMaxStreamDataUni(v.varInt());
            case INITIAL_MAX_STREAMS_BIDI ->
                b.initialMaxStreamsBidi(atMost(FrameCodec.MAX_STREAMS, v.varInt(), "initial_max_streams_bidi"));
            case INITIAL_MAX_STREAMS_UNI ->
                b.initialMaxStreamsUni(atMost(FrameCodec.MAX_STREAMS, v.varInt(), "initial_max_streams_uni"));
            case ACK_DELAY_EXPONENT ->
                b.ackDelayExponent((int) atMost(MOST_ACK_DELAY_EXPONENT, v.varInt(), "ack_delay_exponent"));
            case MAX_ACK_DELAY -> b.maxAckDelay((int) atMost(MOST_MAX_ACK_DELAY, v.varInt(), "max_ack_delay"));
            case DISABLE_ACTIVE_MIGRATION -> b.disableActiveMigration(true);
            case PREFERRED_ADDRESS -> {
                serverOnly(fromServer, "preferred_address");
                b.preferredAddress(PreferredAddress.read(v));
            }
            case ACTIVE_CONNECTION_ID_LIMIT ->
                b.activeConnectionIdLimit(atLeast(2, v.varInt(), "active_connection_id_limit"));
            case INITIAL_SOURCE_CONNECTION_ID ->
                b.initialSourceConnectionId(connectionId(v, true, "initial_source_connection_id"));
            case RETRY_SOURCE_CONNECTION_ID ->
                b.retrySourceConnectionId(connectionId(v, fromServer, "retry_source_connection_id"));
            case VERSION_INFORMATION -> b.versionInformation(VersionInformation.read(v, fromServer));
            case MAX_DATAGRAM_FRAME_SIZE -> b.maxDatagramFrameSize(v.varInt());
            case GREASE_QUIC_BIT -> b.greaseQuicBit(true);
            default -> v.skip(v.remaining());
        }
        if (v.remaining() != 0) {
            throw malformed("parameter 0x" + Long.toHexString(id) + " is too long");
        }
    }

    private static ConnectionId connectionId(ByteReader v, boolean allowed, String name) throws TransportException {
        serverOnly(allowed, name);
        int len = v.remaining();
        if (len > ConnectionId.MAX_LENGTH) {
            throw malformed(name + " of " + len + " bytes");
        }
        return ConnectionId.of(v.array(), v.skip(len), len);
    }

    private static void serverOnly(boolean allowed, String name) throws TransportException {
        if (!allowed) {
            throw malformed(name + " from a client");
        }
    }

    private static long atLeast(long least, long value, String name) throws TransportException {
        if (value < least) {
            throw malformed(name + " " + value + " is below " + least);
        }
        return value;
    }

    private static long atMost(long most, long value, String name) throws TransportException {
        if (value > most) {
            throw malformed(name + " " + value + " is above " + most);
        }
        return value;
    }

    private static void refuseDuplicates(long[] ids, int count) throws TransportException {
        Arrays.sort(ids, 0, count);
        for (int i = 1; i < count; i++) {
            if (ids[i] == ids[i - 1]) {
                throw malformed("parameter 0x" + Long.toHexString(ids[i]) + " twice");
            }
        }
    }

    private static void refuseContradictions(TransportParameters p, boolean fromServer) throws TransportException {
        ConnectionId source = p.initialSourceConnectionId();
        if (source == null) {
            throw malformed("initial_source_connection_id is missing");
        }
        if (fromServer && p.originalDestinationConnectionId() == null) {
            throw malformed("original_destination_connection_id is missing");
        }
        if (p.preferredAddress() != null && source.length() == 0) {
            throw malformed("preferred_address with a zero-length connection ID");
        }
    }

    private static TransportException malformed(String reason) {
        return new TransportException(TransportError.TRANSPORT_PARAMETER_ERROR, reason);
    }

    /**
     * Writes the parameters; those that have their default are left out.
     *
     * @param grease where a reserved parameter of random number and content comes from (section 18.1), or null for none
     */
    static byte[] encode(TransportParameters p, @Nullable SecureRandom grease) {
        byte[] buf = new byte[512 + versionsSize(p)];
        ByteWriter w = new ByteWriter().reset(buf, 0, buf.length);
        connectionId(w, ORIGINAL_DESTINATION_CONNECTION_ID, p.originalDestinationConnectionId());
        number(w, MAX_IDLE_TIMEOUT, p.maxIdleTimeout(), 0);
        byte[] token = p.statelessResetToken();
        if (token != null) {
            w.varInt(STATELESS_RESET_TOKEN).varInt(TOKEN_LENGTH).bytes(token, 0, TOKEN_LENGTH);
        }
        number(w, MAX_UDP_PAYLOAD_SIZE, p.maxUdpPayloadSize(), TransportParameters.DEFAULT_MAX_UDP_PAYLOAD_SIZE);
        number(w, INITIAL_MAX_DATA, p.initialMaxData(), 0);
        number(w, INITIAL_MAX_STREAM_DATA_BIDI_LOCAL, p.initialMaxStreamDataBidiLocal(), 0);
        number(w, INITIAL_MAX_STREAM_DATA_BIDI_REMOTE, p.initialMaxStreamDataBidiRemote(), 0);
        number(w, INITIAL_MAX_STREAM_DATA_UNI, p.initialMaxStreamDataUni(), 0);
        number(w, INITIAL_MAX_STREAMS_BIDI, p.initialMaxStreamsBidi(), 0);
        number(w, INITIAL_MAX_STREAMS_UNI, p.initialMaxStreamsUni(), 0);
        number(w, ACK_DELAY_EXPONENT, p.ackDelayExponent(), TransportParameters.DEFAULT_ACK_DELAY_EXPONENT);
        number(w, MAX_ACK_DELAY, p.maxAckDelay(), TransportParameters.DEFAULT_MAX_ACK_DELAY);
        flag(w, DISABLE_ACTIVE_MIGRATION, p.disableActiveMigration());
        PreferredAddress preferred = p.preferredAddress();
        if (preferred != null) {
            w.varInt(PREFERRED_ADDRESS).varInt(preferred.size());
            preferred.write(w);
        }
        number(
                w,
                ACTIVE_CONNECTION_ID_LIMIT,
                p.activeConnectionIdLimit(),
                TransportParameters.DEFAULT_ACTIVE_CONNECTION_ID_LIMIT);
        connectionId(w, INITIAL_SOURCE_CONNECTION_ID, p.initialSourceConnectionId());
        connectionId(w, RETRY_SOURCE_CONNECTION_ID, p.retrySourceConnectionId());
        VersionInformation versions = p.versionInformation();
        if (versions != null) {
            w.varInt(VERSION_INFORMATION).varInt(versions.size());
            versions.write(w);
        }
        number(w, MAX_DATAGRAM_FRAME_SIZE, p.maxDatagramFrameSize(), 0);
        flag(w, GREASE_QUIC_BIT, p.greaseQuicBit());
        if (grease != null) {
            byte[] content = new byte[grease.nextInt(TOKEN_LENGTH)];
            grease.nextBytes(content);
            w.varInt(31L * grease.nextInt(1 << 24) + 27).varInt(content.length).bytes(content);
        }
        return Arrays.copyOf(buf, w.position());
    }

    private static int versionsSize(TransportParameters p) {
        VersionInformation versions = p.versionInformation();
        return versions == null ? 0 : versions.size();
    }

    private static void connectionId(ByteWriter w, int id, @Nullable ConnectionId value) {
        if (value != null) {
            w.varInt(id).varInt(value.length());
            value.writeTo(w);
        }
    }

    private static void number(ByteWriter w, int id, long value, long absent) {
        if (value != absent) {
            w.varInt(id).varInt(VarInt.length(value)).varInt(value);
        }
    }

    private static void flag(ByteWriter w, int id, boolean value) {
        if (value) {
            w.varInt(id).varInt(0);
        }
    }
}
