package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.net.Transport;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SyntaxTest {
    private final Syntax syntax = new Syntax("try", "Tries.\n\nMore about it.");
    private final Option<String> file = syntax.option(Kind.TEXT, "FILE", "A file.", "-o", "--output");
    private final Option<Boolean> include = syntax.flag("Include.", "-i", "--include");
    private final Option<Boolean> verbose = syntax.flag("Verbose.", "-v", "--verbose");
    private final Option<String> fields = syntax.repeated(Kind.TEXT, "FIELD", "Fields.", "-H", "--header");
    private final Option<Integer> port =
            syntax.option(Kind.whole(0, 65_535), "PORT", "Port", "-p", "--port").otherwise(4433);
    private final Option<Double> time =
            syntax.option(Kind.DECIMAL, "SECONDS", "Time", "--time").otherwise(2.5);
    private final Option<Transport> transport =
            syntax.option(Kind.of(Transport.class), "WAY", "How", "--transport").otherwise(Transport.AUTO);
    private final Option<List<Transport>> ways =
            syntax.option(Kind.commaSeparated(Kind.of(Transport.class)), "WAY,...", "Ways", "--ways");
    private final Option<String> url = syntax.parameter(Kind.TEXT, "URL", "What.", Option.Times.REQUIRED);
    private final Option<String> more = syntax.parameter(Kind.TEXT, "MORE", "More.", Option.Times.REPEATED);

    private void parse(String line) throws Failure.Exit {
        syntax.parse(List.of(line.split(" ")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--output f u",
                "--output=f u",
                "-o f u",
                "-of u",
                "-o=f u",
                "u -o f",
                "-ivo f u",
                "-ivof u",
                "-ivo=f u"
            })
    void aValueIsTakenInEveryWayThatPeopleWriteIt(String line) throws Failure.Exit {
        parse(line);
        assertEquals("f", file.value());
        assertEquals("u", url.get());
        assertEquals(line.startsWith("-iv"), include.get());
        assertEquals(line.startsWith("-iv"), verbose.get());
    }

    @Test
    void whatIsNotGivenHasItsDefaultOrNothing() throws Failure.Exit {
        parse("u");
        assertNull(file.value());
        assertFalse(file.isGiven());
        assertEquals(4433, port.get());
        assertEquals(2.5, time.get());
        assertEquals(Transport.AUTO, transport.get());
        assertEquals(List.of(), fields.values());
        assertFalse(verbose.get());
    }

    @Test
    void repeatedOptionsAndParametersKeepTheirOrder() throws Failure.Exit {
        parse("-H a -Hb --header=c u 1 2 -- -3 --output");
        assertEquals(List.of("a", "b", "c"), fields.values());
        assertEquals("u", url.get());
        assertEquals(List.of("1", "2", "-3", "--output"), more.values());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-Ha:b=c u", "-H=a:b=c u", "-H a:b=c u", "--header a:b=c u", "--header=a:b=c u", "-ivHa:b=c u"})
    void aValueMayHoldAnEqualsSign(String line) throws Failure.Exit {
        parse(line);
        assertEquals(List.of("a:b=c"), fields.values());
        assertEquals(line.startsWith("-iv"), verbose.get());
    }

    @Test
    void aValueIsKeptAsItIs() throws Failure.Exit {
        syntax.parse(List.of("-o", "\"a b\"", "-H", "", "--header=", "u", "--", "-Ha=b"));
        assertEquals("\"a b\"", file.value());
        assertEquals(List.of("", ""), fields.values());
        assertEquals(List.of("-Ha=b"), more.values());
    }

    @Test
    void aLoneDashIsAParameterAndAValue() throws Failure.Exit {
        parse("-o - -");
        assertEquals("-", file.value());
        assertEquals("-", url.get());
    }

    @Test
    void constantsGoInAnyCaseAndInLists() throws Failure.Exit {
        parse("--transport nio --ways linux,NIO u");
        assertEquals(Transport.NIO, transport.get());
        assertEquals(List.of(Transport.LINUX, Transport.NIO), ways.get());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nope u | --nope",
                "--nope=1 u | --nope",
                "--outp f u | --outp",
                "--output | --output needs a value: FILE",
                "-x u | -x",
                "-ix u | -x",
                "u --output | --output",
                "--output -v u | --output",
                "--verbose=yes u | --verbose takes no value",
                "-v=yes u | --verbose takes no value",
                "-iv=yes u | -=",
                "-o a -o b u | given twice",
                "-p 65536 u | 65536",
                "-p -1 u | -1",
                "-p ten u | ten",
                "--time NaN u | NaN",
                "--time -1 u | -1",
                "--time soon u | soon",
                "--transport carrier-pigeon u | LINUX",
                "-v | URL",
            })
    void whatIsWrongIsNamed(String line, String named) {
        Failure.Exit wrong = assertThrows(Failure.Exit.class, () -> parse(line));
        assertEquals(ExitCode.USAGE, wrong.code());
        assertTrue(String.valueOf(wrong.getMessage()).contains(named), wrong.getMessage());
    }

    @Test
    void helpNeedsNothingElse() throws Failure.Exit {
        parse("--help");
        assertTrue(syntax.wantsHelp());
    }

    @Test
    void helpTellsEveryOptionWithinEightyColumns() {
        for (Command each : Main.commands()) {
            StringWriter text = new StringWriter();
            new Usage(new PrintWriter(text)).print(each.syntax());
            for (Option<?> option : each.syntax().options()) {
                assertTrue(text.toString().contains("  " + String.join(", ", option.names())), option.title());
                assertTrue(option.help().endsWith("."), option.help());
            }
            assertWithinEightyColumns(text.toString());
        }
    }

    @Test
    void helpTellsEveryCommandWithinEightyColumns() {
        StringWriter text = new StringWriter();
        new Usage(new PrintWriter(text)).print(Main.commands());
        Main.NAMES.forEach(name -> assertTrue(text.toString().contains("\n  " + name + " "), name));
        assertWithinEightyColumns(text.toString());
    }

    private static void assertWithinEightyColumns(String text) {
        text.lines().forEach(line -> assertTrue(line.length() <= 80, line));
    }

    @Test
    void theNamesOfACommandsOptionsDiffer() {
        for (Command each : Main.commands()) {
            List<String> names = each.syntax().options().stream()
                    .flatMap(option -> option.names().stream())
                    .toList();
            assertEquals(
                    names.size(),
                    names.stream().distinct().count(),
                    each.syntax().name() + names);
        }
    }
}
