package dev.tokioj.tls;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Changes to handshake messages on their way, for peers that misbehave. */
final class Edits {
    private Edits() {}

    /** Changes every message of this type from this side; the others pass. */
    static Pair.Path change(Pair.Side from, HandshakeType type, UnaryOperator<byte[]> edit) {
        return replace(from, type, message -> List.of(edit.apply(message)));
    }

    interface Replacement {
        List<byte[]> of(byte[] message);
    }

    static Pair.Path replace(Pair.Side from, HandshakeType type, Replacement replacement) {
        return (side, level, message) ->
                side == from && message[0] == (byte) type.code() ? replacement.of(message) : List.of(message);
    }

    static HandshakeMessage decode(byte[] message) {
        HandshakeType type = HandshakeType.of(message[0] & 0xff);
        if (type == null) {
            throw new IllegalStateException("type " + message[0]);
        }
        try {
            return HandshakeCodec.decode(type, message, TlsLimits.DEFAULT);
        } catch (TlsAlertException e) {
            throw new IllegalStateException(e);
        }
    }

    static HandshakeMessage.ClientHello clientHello(byte[] message) {
        return (HandshakeMessage.ClientHello) decode(message);
    }

    static HandshakeMessage.ServerHello serverHello(byte[] message) {
        return (HandshakeMessage.ServerHello) decode(message);
    }

    /** Edits the extensions of a hello or of EncryptedExtensions. */
    static UnaryOperator<byte[]> extensions(UnaryOperator<List<Extensions.Extension>> edit) {
        return message -> HandshakeCodec.encode(
                switch (decode(message)) {
                    case HandshakeMessage.ClientHello m ->
                        new HandshakeMessage.ClientHello(
                                m.legacyVersion(),
                                m.random(),
                                m.legacySessionId(),
                                m.cipherSuites(),
                                m.legacyCompressionMethods(),
                                apply(edit, m.extensions()));
                    case HandshakeMessage.ServerHello m -> with(m, apply(edit, m.extensions()));
                    case HandshakeMessage.EncryptedExtensions m ->
                        new HandshakeMessage.EncryptedExtensions(apply(edit, m.extensions()));
                    case HandshakeMessage other -> throw new IllegalStateException("no extensions in " + other);
                });
    }

    static HandshakeMessage.ServerHello with(HandshakeMessage.ServerHello m, Extensions extensions) {
        return new HandshakeMessage.ServerHello(
                m.legacyVersion(),
                m.random(),
                m.legacySessionIdEcho(),
                m.cipherSuite(),
                m.legacyCompressionMethod(),
                extensions);
    }

    private static Extensions apply(UnaryOperator<List<Extensions.Extension>> edit, Extensions extensions) {
        Extensions.Builder builder = Extensions.builder();
        for (Extensions.Extension extension : edit.apply(new ArrayList<>(extensions.list()))) {
            builder.add(extension.type(), extension.body());
        }
        return builder.build();
    }

    static UnaryOperator<byte[]> without(ExtensionType type) {
        return extensions(list -> {
            list.removeIf(extension -> extension.type() == type.code());
            return list;
        });
    }

    static UnaryOperator<byte[]> adding(int type, int... body) {
        return extensions(list -> {
            list.add(new Extensions.Extension(type, bytes(body)));
            return list;
        });
    }

    /** Replaces the body of an extension that is there. */
    static UnaryOperator<byte[]> setting(ExtensionType type, byte[] body) {
        return extensions(list -> {
            list.replaceAll(extension ->
                    extension.type() == type.code() ? new Extensions.Extension(type.code(), body) : extension);
            return list;
        });
    }

    static byte[] bytes(int... values) {
        byte[] out = new byte[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) values[i];
        }
        return out;
    }

    /** A message of any type with any body. */
    static byte[] message(int type, int... body) {
        return new WireWriter().u8(type).opaque24(bytes(body)).toByteArray();
    }

    /** The message with its last bytes gone (negative: with more), and a header that agrees. */
    static byte[] shortened(byte[] message, int by) {
        byte[] out = Arrays.copyOf(message, message.length - by);
        int length = out.length - MessageBuffer.HEADER;
        out[1] = (byte) (length >> 16);
        out[2] = (byte) (length >> 8);
        out[3] = (byte) length;
        return out;
    }

    static byte[] flipped(byte[] message, int at) {
        byte[] out = message.clone();
        out[at < 0 ? out.length + at : at] ^= 1;
        return out;
    }

    static byte[] joined(byte[]... parts) {
        WireWriter out = new WireWriter();
        for (byte[] part : parts) {
            out.bytes(part);
        }
        return out.toByteArray();
    }
}
