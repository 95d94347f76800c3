package dev.tokioj.http3;

import static dev.tokioj.http3.Bytes.ascii;
import static dev.tokioj.http3.Bytes.frame;
import static dev.tokioj.http3.Bytes.hex;
import static dev.tokioj.http3.Bytes.settings;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tokioj.http3.qpack.Decoder;
import dev.tokioj.http3.qpack.DecoderStream;
import dev.tokioj.http3.qpack.EncoderStream;
import dev.tokioj.http3.qpack.QpackException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The cases that h3spec puts to HTTP/3 servers, by their number, at the level of what a stream carries. */
class H3specTest {
    private static void request(byte[]... frames) throws Http3Exception {
        var transcript = new Transcript();
        var reader = new MessageReader(
                Role.SERVER, Http3Config.defaults(), MessageReader.Expectation.CONTENT, new Decoder(), new HeadSink() {
                    @Override
                    public void onInformational(FieldSection head) {
                        throw new AssertionError("interim request");
                    }

                    @Override
                    public MessageSink onHead(FieldSection head) {
                        return transcript;
                    }
                });
        byte[] bytes = Bytes.join(frames);
        reader.receive(bytes, 0, bytes.length);
        reader.end();
    }

    private static void control(byte[]... frames) throws Http3Exception {
        byte[] bytes = Bytes.join(frames);
        new ControlStream(Role.SERVER, Http3Config.defaults(), (priority, id) -> {}).receive(bytes, 0, bytes.length);
    }

    private static void assertCode(long code, Executable stimulus) {
        assertEquals(
                Long.toHexString(code),
                Long.toHexString(assertThrows(Http3Exception.class, stimulus).code()));
    }

    @Test
    void case01DataBeforeHeaders() {
        assertCode(0x105, () -> request(frame(FrameType.DATA, ascii("hello"))));
    }

    @Test
    void case02DuplicateMethod() {
        assertCode(
                0x10e,
                () -> request(Bytes.headers(
                        ":method", "GET", ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/")));
    }

    @Test
    void case03NoAuthority() {
        assertCode(0x10e, () -> request(Bytes.headers(":method", "GET", ":scheme", "https", ":path", "/")));
    }

    @Test
    void case04UnknownPseudoHeaderField() {
        assertCode(
                0x10e,
                () -> request(Bytes.headers(
                        ":method", "GET", ":scheme", "https", ":autority", "a", ":path", "/", ":foo", "bar")));
        assertCode(
                0x10e,
                () -> request(Bytes.headers(
                        ":method", "GET", ":scheme", "https", ":authority", "a", ":path", "/", ":foo", "bar")));
    }

    @Test
    void case05PseudoHeaderFieldAfterField() {
        assertCode(
                0x10e,
                () -> request(Bytes.headers(
                        ":method", "GET", ":scheme", "https", ":authority", "a", "x", "y", ":path", "/")));
    }

    @Test
    void case06FirstControlFrameIsMaxPushId() {
        assertCode(0x10a, () -> control(frame(new Http3Frame.MaxPushId(1)), settings()));
    }

    @Test
    void case07DataOnControlStream() {
        assertCode(0x105, () -> control(settings(), frame(FrameType.DATA, ascii("x"))));
    }

    @Test
    void case08HeadersOnControlStream() {
        assertCode(0x105, () -> control(settings(), Bytes.get()));
    }

    @Test
    void case09SecondSettings() {
        assertCode(0x105, () -> control(settings(), settings()));
    }

    @Test
    void case10SettingOfHttp2() {
        assertCode(0x109, () -> control(settings(0x02, 1)));
    }

    @Test
    void case11CancelPushOnRequestStream() {
        assertCode(0x105, () -> request(frame(new Http3Frame.CancelPush(0))));
        assertCode(0x105, () -> request(Bytes.get(), frame(new Http3Frame.CancelPush(0))));
    }

    @Test
    void case12StaticIndex99() {
        assertCode(0x200, () -> request(frame(FrameType.HEADERS, hex("0000ff24"))));
    }

    @Test
    void case13CapacityAboveTheMaximum() {
        assertCode(0x201, () -> {
            try {
                var stream = new EncoderStream();
                for (byte b : hex("3fe1c7afa025")) {
                    stream.receive(b);
                }
            } catch (QpackException e) {
                throw Http3Exception.of(e);
            }
        });
    }

    // Case 14, the control stream closed, is a matter of the connection: see Http3ConnectionTest.

    @Test
    void case15InsertCountIncrementZero() {
        assertCode(0x202, () -> {
            try {
                new DecoderStream().receive((byte) 0);
            } catch (QpackException e) {
                throw Http3Exception.of(e);
            }
        });
    }
}
