package dev.tokioj.http3;

import static dev.tokioj.http3.Bytes.frame;
import static dev.tokioj.http3.Bytes.join;
import static dev.tokioj.http3.Bytes.settings;
import static dev.tokioj.http3.Bytes.varInt;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlStreamTest {
    private static final Http3Config CONFIG = Http3Config.builder()
            .maxControlFrameSize(100)
            .ignoredBytesBudget(1000)
            .build();

    private final List<String> priorities = new ArrayList<>();

    private ControlStream stream(Role role) {
        return new ControlStream(role, CONFIG, (priority, id) -> priorities.add(id + " " + priority.fieldValue()));
    }

    private static ControlStream feed(ControlStream stream, byte[]... frames) throws Http3Exception {
        byte[] bytes = join(frames);
        stream.receive(bytes, 0, bytes.length);
        return stream;
    }

    private static void assertFails(Http3Error error, ControlStream stream, byte[]... frames) {
        var e = assertThrows(Http3Exception.class, () -> feed(stream, frames));
        assertEquals(error, e.error(), e.getMessage());
        assertEquals(Http3Exception.Scope.CONNECTION, e.scope());
    }

    @Test
    void settingsAreReadInAnyFragmentation() throws Http3Exception {
        byte[] bytes = settings(0x06, 8192, FrameType.reserved(1000), 12345, 0x01, 4096, 0x07, 16);
        for (int cut = 0; cut <= bytes.length; cut++) {
            ControlStream stream = stream(Role.SERVER);
            assertEquals(Settings.UNLIMITED, stream.settings().maxFieldSectionSize());
            assertFalse(stream.hasSettings());
            feed(stream, Arrays.copyOfRange(bytes, 0, cut));
            feed(stream, Arrays.copyOfRange(bytes, cut, bytes.length));
            assertEquals(new Settings(8192, 4096, 16), stream.settings(), "cut at " + cut);
        }
    }

    @Test
    void settingsThatAreWrittenAreRead() throws Http3Exception {
        var ours = Http3Config.defaults().settings();
        assertEquals(
                ours,
                feed(stream(Role.CLIENT), frame(new Http3Frame.SettingsFrame(ours)))
                        .settings());
        var all = new Settings(1, 2, 3);
        assertEquals(
                all,
                feed(stream(Role.CLIENT), frame(new Http3Frame.SettingsFrame(all)))
                        .settings());
        assertEquals(Settings.DEFAULT, feed(stream(Role.CLIENT), settings()).settings());
    }

    @ParameterizedTest
    @ValueSource(longs = {0x00, 0x01, 0x03, 0x07, 0x0d, 0x21, 0xf0700})
    void firstFrameMustBeSettings(long type) {
        assertFails(Http3Error.H3_MISSING_SETTINGS, stream(Role.SERVER), frame(type, new byte[] {0}));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x00, 0x02, 0x03, 0x04, 0x05})
    void settingsOfHttp2AreRefused(long identifier) {
        assertFails(Http3Error.H3_SETTINGS_ERROR, stream(Role.SERVER), settings(identifier, 0));
    }

    @Test
    void settingsThatComeTwiceOrEndEarlyAreRefused() {
        assertFails(Http3Error.H3_SETTINGS_ERROR, stream(Role.SERVER), settings(0x06, 1, 0x06, 1));
        assertFails(Http3Error.H3_SETTINGS_ERROR, stream(Role.SERVER), settings(0x21, 1, 0x33, 0, 0x21, 1));
        assertFails(Http3Error.H3_FRAME_ERROR, stream(Role.SERVER), settings(0x06));
        assertFails(Http3Error.H3_FRAME_ERROR, stream(Role.SERVER), frame(FrameType.SETTINGS, new byte[] {6, 0x40}));
        assertFails(Http3Error.H3_FRAME_UNEXPECTED, stream(Role.SERVER), settings(), settings());
        assertFails(Http3Error.H3_EXCESSIVE_LOAD, stream(Role.SERVER), frame(FrameType.SETTINGS, new byte[101]));
    }

    @ParameterizedTest
    @ValueSource(longs = {0x00, 0x01, 0x02, 0x05, 0x06, 0x08, 0x09})
    void framesOfOtherStreamsAndOfHttp2AreRefused(long type) {
        assertFails(Http3Error.H3_FRAME_UNEXPECTED, stream(Role.SERVER), settings(), frame(type, new byte[] {0}));
        assertFails(Http3Error.H3_FRAME_UNEXPECTED, stream(Role.CLIENT), settings(), frame(type, new byte[] {0}));
    }

    @Test
    void goAwayOnlyFalls() throws Http3Exception {
        ControlStream stream = feed(stream(Role.CLIENT), settings());
        assertEquals(ControlStream.NO_GOAWAY, stream.goAway());
        assertEquals(
                (1L << 62) - 4,
                feed(stream, frame(new Http3Frame.GoAway((1L << 62) - 4))).goAway());
        assertEquals(8, feed(stream, frame(new Http3Frame.GoAway(8))).goAway());
        assertEquals(8, feed(stream, frame(new Http3Frame.GoAway(8))).goAway());
        assertFails(Http3Error.H3_ID_ERROR, stream, frame(new Http3Frame.GoAway(12)));
    }

    @Test
    void goAwayOfAServerNamesARequestStream() throws Http3Exception {
        for (long id = 1; id < 4; id++) {
            assertFails(Http3Error.H3_ID_ERROR, stream(Role.CLIENT), settings(), frame(new Http3Frame.GoAway(id)));
        }
        // A client's names a push.
        assertEquals(
                1,
                feed(stream(Role.SERVER), settings(), frame(new Http3Frame.GoAway(1)))
                        .goAway());
    }

    @Test
    void maxPushIdOnlyRisesAndOnlyClientsSendIt() throws Http3Exception {
        ControlStream stream = feed(stream(Role.SERVER), settings(), frame(new Http3Frame.MaxPushId(5)));
        feed(stream, frame(new Http3Frame.MaxPushId(5)));
        assertFails(Http3Error.H3_ID_ERROR, stream, frame(new Http3Frame.MaxPushId(4)));
        assertFails(
                Http3Error.H3_FRAME_UNEXPECTED, stream(Role.CLIENT), settings(), frame(new Http3Frame.MaxPushId(5)));
    }

    @Test
    void nothingWasPushedSoNothingIsCancelled() {
        for (Role role : Role.values()) {
            assertFails(Http3Error.H3_ID_ERROR, stream(role), settings(), frame(new Http3Frame.CancelPush(0)));
        }
        assertFails(
                Http3Error.H3_ID_ERROR,
                stream(Role.SERVER),
                settings(),
                frame(new Http3Frame.MaxPushId(5)),
                frame(new Http3Frame.CancelPush(3)));
    }

    @Test
    void payloadIsExactlyItsFields() {
        for (long type : new long[] {FrameType.GOAWAY, FrameType.MAX_PUSH_ID, FrameType.CANCEL_PUSH}) {
            for (byte[] payload : List.of(new byte[0], new byte[] {0x40}, new byte[] {0, 0}, new byte[50])) {
                assertFails(Http3Error.H3_FRAME_ERROR, stream(Role.SERVER), settings(), frame(type, payload));
            }
        }
    }

    @Test
    void prioritiesOfRequestsAreHeardAndOthersRefused() throws Http3Exception {
        feed(
                stream(Role.SERVER),
                settings(),
                frame(new Http3Frame.PriorityUpdate(4, new Priority(1, true))),
                frame(FrameType.PRIORITY_UPDATE, join(varInt(8), Bytes.ascii("u=9, i=?0, x;y"))));
        assertEquals(List.of("4 u=1, i", "8 u=3"), priorities);
        assertFails(
                Http3Error.H3_ID_ERROR,
                stream(Role.SERVER),
                settings(),
                frame(new Http3Frame.PriorityUpdate(3, Priority.DEFAULT)));
        assertFails(
                Http3Error.H3_ID_ERROR,
                stream(Role.SERVER),
                settings(),
                frame(FrameType.PRIORITY_UPDATE_PUSH, new byte[] {0}));
        assertFails(
                Http3Error.H3_FRAME_UNEXPECTED,
                stream(Role.CLIENT),
                settings(),
                frame(new Http3Frame.PriorityUpdate(4, Priority.DEFAULT)));
    }

    @Test
    void prioritiesAreParsedAsRfc9218Says() {
        assertEquals(new Priority(5, true), Priority.parse("u=5, i"));
        assertEquals(new Priority(0, false), Priority.parse("i=?0,u=0;foo=\"a\""));
        assertEquals(new Priority(7, true), Priority.parse("  i=?1 ,u=1, u=7"));
        for (String nothing : List.of("", "u=8", "u=-1", "u=5.5", "u", "i=1", "U=1", ",,,", "u=33")) {
            assertEquals(Priority.DEFAULT, Priority.parse(nothing), nothing);
        }
    }

    @Test
    void uselessFramesHaveABudgetThatRequestsRefill() throws Http3Exception {
        byte[] padding = frame(FrameType.reserved(3), new byte[34]); // 50 of 1000
        ControlStream stream = feed(stream(Role.SERVER), settings());
        for (int i = 0; i < 19; i++) {
            feed(stream, padding);
        }
        stream.onRequest();
        for (int i = 0; i < 5; i++) {
            feed(stream, padding);
        }
        assertFails(Http3Error.H3_EXCESSIVE_LOAD, stream, padding);
        ControlStream other = feed(stream(Role.SERVER), settings());
        byte[] repeated = frame(new Http3Frame.MaxPushId(1));
        var e = assertThrows(Http3Exception.class, () -> {
            for (int i = 0; i < 100; i++) {
                feed(other, repeated);
            }
        });
        assertEquals(Http3Error.H3_EXCESSIVE_LOAD, e.error());
    }

    @Test
    void mutatedStreamsOnlyEverThrowHttp3Exception() {
        long seed = 20261121;
        var random = new Random(seed);
        byte[] good = join(
                settings(0x06, 8192, 0x21, 5),
                frame(FrameType.reserved(2), new byte[5]),
                frame(new Http3Frame.GoAway(16)),
                frame(new Http3Frame.PriorityUpdate(8, Priority.DEFAULT)),
                frame(new Http3Frame.GoAway(4)));
        int taken = 0;
        for (int round = 0; round < 30_000; round++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            ControlStream stream = stream(random.nextBoolean() ? Role.SERVER : Role.CLIENT);
            try {
                for (int at = 0; at < bytes.length; ) {
                    int n = 1 + random.nextInt(bytes.length - at);
                    stream.receive(bytes, at, n);
                    at += n;
                }
                taken++;
            } catch (Http3Exception e) {
                assertEquals(Http3Exception.Scope.CONNECTION, e.scope(), "seed " + seed + " round " + round);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + " round " + round, e);
            }
        }
        assertTrue(taken > 1000, "only " + taken + " were taken");
    }
}
