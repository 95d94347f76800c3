package dev.tokioj.http3;

import dev.tokioj.http3.qpack.Encoder;
import dev.tokioj.quic.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes of streams, put together for tests. */
final class Bytes {
    private Bytes() {}

    static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] joined = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, joined, at, part.length);
            at += part.length;
        }
        return joined;
    }

    static byte[] varInt(long value) {
        var writer = new ByteWriter().reset(new byte[8], 0, 8).varInt(value);
        return Arrays.copyOf(writer.array(), writer.position());
    }

    static byte[] frame(long type, byte[] payload) {
        return join(varInt(type), varInt(payload.length), payload);
    }

    static byte[] frame(Http3Frame frame) {
        var writer = new ByteWriter().reset(new byte[4096], 0, 4096);
        Http3FrameCodec.write(writer, frame);
        return Arrays.copyOf(writer.array(), writer.position());
    }

    static byte[] data(String text) {
        return frame(FrameType.DATA, ascii(text));
    }

    /** Name, value, name, value... as they are, right or wrong. */
    static byte[] section(String... lines) {
        var encoder = new Encoder();
        encoder.begin();
        for (int i = 0; i < lines.length; i += 2) {
            encoder.line(lines[i], lines[i + 1], false);
        }
        return Arrays.copyOf(encoder.array(), encoder.length());
    }

    static byte[] headers(String... lines) {
        return frame(FrameType.HEADERS, section(lines));
    }

    static byte[] get(String... more) {
        String[] head = {":method", "GET", ":scheme", "https", ":authority", "example.org", ":path", "/"};
        String[] lines = Arrays.copyOf(head, head.length + more.length);
        System.arraycopy(more, 0, lines, head.length, more.length);
        return headers(lines);
    }

    static byte[] settings(long... identifiersAndValues) {
        byte[] payload = {};
        for (long number : identifiersAndValues) {
            payload = join(payload, varInt(number));
        }
        return frame(FrameType.SETTINGS, payload);
    }

    /** Lines as a section. */
    static FieldSection fields(String... lines) {
        FieldSection.Builder builder = FieldSection.builder();
        for (int i = 0; i < lines.length; i += 2) {
            builder.line(lines[i], lines[i + 1], false);
        }
        return builder.build();
    }
}
