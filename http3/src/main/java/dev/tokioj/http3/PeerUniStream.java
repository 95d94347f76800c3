package dev.tokioj.http3;

import dev.tokioj.http3.qpack.QpackException;
import dev.tokioj.quic.stream.StreamSink;

/**
 * A unidirectional stream of the peer's (RFC 9114 section 6.2): reads its type, then gives its bytes to who reads that type. Streams
 * of unknown type are stopped. One thread owns it.
 */
final class PeerUniStream implements StreamSink {
    /** Stream types (RFC 9114 section 11.2.4, RFC 9204 section 8.2). */
    static final int CONTROL = 0x00;

    static final int PUSH = 0x01;
    static final int QPACK_ENCODER = 0x02;
    static final int QPACK_DECODER = 0x03;

    private enum Kind {
        UNTYPED,
        CONTROL,
        ENCODER,
        DECODER,
        IGNORED
    }

    private final Http3Connection http3;
    private final long id;
    private final PartialVarInt type = new PartialVarInt();
    private Kind kind = Kind.UNTYPED;

    PeerUniStream(Http3Connection http3, long id) {
        this.http3 = http3;
        this.id = id;
    }

    @Override
    public void onData(byte[] buf, int off, int len) {
        if (!http3.isOpen()) {
            return;
        }
        try {
            int at = off;
            int end = off + len;
            while (kind == Kind.UNTYPED && at < end) {
                if (type.receive(buf[at++])) {
                    become(type.value());
                }
            }
            receive(buf, at, end - at);
        } catch (Http3Exception e) {
            http3.fail(e);
            return;
        } catch (QpackException e) {
            http3.fail(Http3Exception.of(e));
            return;
        }
        // What is read here is bounded by budgets; holding back credit would only stall the peer's control stream
        // (6.2.1).
        http3.quic().consumed(id, len);
    }

    @Override
    public void onFin() {
        closed("closed");
    }

    @Override
    public void onReset(long code) {
        closed("reset");
    }

    private void closed(String how) {
        if (!http3.isOpen()) {
            return;
        }
        switch (kind) {
            case CONTROL, ENCODER, DECODER ->
                http3.fail(Http3Exception.connection(
                        Http3Error.H3_CLOSED_CRITICAL_STREAM, "the peer's " + kind + " stream was " + how));
            case UNTYPED -> {
                // Section 6.2: to be tolerated, but not without end.
                try {
                    http3.spendIgnoredStream();
                    http3.quic().release(id);
                } catch (Http3Exception e) {
                    http3.fail(e);
                }
            }
            case IGNORED -> {}
        }
    }

    private void become(long streamType) throws Http3Exception {
        if (streamType == CONTROL) {
            kind = Kind.CONTROL;
            http3.claimCritical(CONTROL);
        } else if (streamType == QPACK_ENCODER) {
            kind = Kind.ENCODER;
            http3.claimCritical(QPACK_ENCODER);
        } else if (streamType == QPACK_DECODER) {
            kind = Kind.DECODER;
            http3.claimCritical(QPACK_DECODER);
        } else if (streamType == PUSH) {
            // Section 6.2.2 for clients that push, section 4.6 for servers that were given no push ID.
            throw http3.role() == Role.SERVER
                    ? Http3Exception.connection(Http3Error.H3_STREAM_CREATION_ERROR, "push stream of a client")
                    : Http3Exception.connection(Http3Error.H3_ID_ERROR, "push stream without MAX_PUSH_ID");
        } else {
            kind = Kind.IGNORED;
            http3.spendIgnoredStream();
            http3.quic().stopSending(id, Http3Error.H3_STREAM_CREATION_ERROR.code());
            http3.quic().release(id);
        }
    }

    private void receive(byte[] buf, int off, int len) throws Http3Exception, QpackException {
        switch (kind) {
            case CONTROL -> {
                http3.control().receive(buf, off, len);
                http3.onControl();
            }
            case ENCODER -> {
                for (int at = off; at < off + len; at++) {
                    if (http3.encoderStream().receive(buf[at]) != null) {
                        http3.spendInstruction();
                    }
                }
            }
            case DECODER -> {
                for (int at = off; at < off + len; at++) {
                    if (http3.decoderStream().receive(buf[at]) != null) {
                        http3.spendInstruction();
                    }
                }
            }
            case UNTYPED, IGNORED -> {}
        }
    }
}
