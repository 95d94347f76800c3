package dev.tokioj.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/**
 * What a command takes: its options and parameters are declared here, each with the variable that then holds its value.
 * Commons CLI reads the words; what it has no notion of is added: the kinds of values, defaults, parameters that go by their
 * place. One thread.
 *
 * <p>Understood are {@code --name VALUE}, {@code --name=VALUE}, {@code -n VALUE}, {@code -nVALUE}, flags in one word
 * ({@code -iv}), and {@code --}, after which all is parameters.
 */
final class Syntax {
    private static final String END_OF_OPTIONS = "--";

    private final String name;
    private final String description;
    private final Options known = new Options();
    private final Option<Boolean> help =
            new Option<>(List.of("-h", "--help"), "", Kind.FLAG, "Print this.", Option.Times.OPTIONAL);
    private final List<Option<?>> options = new ArrayList<>();
    private final List<Option<?>> parameters = new ArrayList<>();

    /**
     * @param name the command's
     * @param description for help; its first paragraph is the summary
     */
    Syntax(String name, String description) {
        this.name = name;
        this.description = description;
        known.addOption(help.declaration());
    }

    /** An option without a value. */
    Option<Boolean> flag(String help, String... names) {
        return add(new Option<>(List.of(names), "", Kind.FLAG, help, Option.Times.OPTIONAL).otherwise(false));
    }

    /** An option with a value. */
    <T> Option<T> option(Kind<T> kind, String label, String help, String... names) {
        return add(new Option<>(List.of(names), label, kind, help, Option.Times.OPTIONAL));
    }

    /** An option that may be given several times. */
    <T> Option<T> repeated(Kind<T> kind, String label, String help, String... names) {
        return add(new Option<>(List.of(names), label, kind, help, Option.Times.REPEATED));
    }

    /** The next parameter; after a repeated one there is no other. */
    <T> Option<T> parameter(Kind<T> kind, String label, String help, Option.Times times) {
        Option<T> parameter = new Option<>(List.of(), label, kind, help, times);
        parameters.add(parameter);
        return parameter;
    }

    private <T> Option<T> add(Option<T> option) {
        options.add(option);
        known.addOption(option.declaration());
        return option;
    }

    String name() {
        return name;
    }

    String description() {
        return description;
    }

    String summary() {
        int end = description.indexOf("\n\n");
        return (end < 0 ? description : description.substring(0, end))
                .replace('\n', ' ')
                .strip();
    }

    List<Option<?>> options() {
        return options;
    }

    List<Option<?>> parameters() {
        return parameters;
    }

    /** Whether help was asked for; what is required may then be missing. */
    boolean wantsHelp() {
        return help.isGiven();
    }

    /** Gives the words of a command line to the options and parameters that take them. */
    void parse(List<String> words) throws Failure.Exit {
        CommandLine line = read(words);
        help.takeFrom(line);
        for (Option<?> each : options) {
            each.takeFrom(line);
        }
        int place = 0;
        for (String word : line.getArgList()) {
            if (place >= parameters.size()) {
                throw wrong("there is nothing to do with '" + word + "'");
            }
            Option<?> parameter = parameters.get(place);
            parameter.take(word);
            place += parameter.times() == Option.Times.REPEATED ? 0 : 1;
        }
        for (Option<?> each : parameters) {
            if (each.times() == Option.Times.REQUIRED && !each.isGiven() && !help.isGiven()) {
                throw wrong("the parameter " + each.label() + " is missing");
            }
        }
    }

    private CommandLine read(List<String> words) throws Failure.Exit {
        // A shortened name would stop to be understood when another option is added; quotes are the shell's business.
        DefaultParser parser = DefaultParser.builder()
                .setAllowPartialMatching(false)
                .setStripLeadingAndTrailingQuotes(false)
                .get();
        try {
            return parser.parse(known, separated(words));
        } catch (MissingArgumentException e) {
            Option<?> option = named(e.getOption());
            throw wrong(option.title() + " needs a value: " + option.label());
        } catch (UnrecognizedOptionException e) {
            throw wrong(unknown(e.getOption()));
        } catch (ParseException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Gives a value in one word with its option an equals sign of its own where it holds another: {@code -Hname:a=b} becomes
     * {@code -H=name:a=b}, because Commons CLI takes the first for a long option.
     */
    private String[] separated(List<String> words) {
        List<String> separated = new ArrayList<>();
        boolean onlyParameters = false;
        for (String word : words) {
            onlyParameters |= word.equals(END_OF_OPTIONS);
            int value = onlyParameters || word.startsWith(END_OF_OPTIONS) ? 0 : valueIn(word);
            int equals = word.indexOf('=', value);
            // A single -n=VALUE it knows.
            if (value > 0 && (equals > value || (equals == value && value > 2))) {
                if (value > 2) {
                    separated.add(word.substring(0, value - 1));
                }
                separated.add("-" + word.charAt(value - 1) + "=" + word.substring(equals == value ? value + 1 : value));
            } else {
                separated.add(word);
            }
        }
        return separated.toArray(String[]::new);
    }

    /** Where, in a word of short options, the value of the last of them begins; 0 when there is none. */
    private int valueIn(String word) {
        for (int i = 1; word.startsWith("-") && i < word.length() - 1; i++) {
            var option = known.getOption(word.substring(i, i + 1));
            if (option == null || option.hasArg()) {
                return option == null ? 0 : i + 1;
            }
        }
        return 0;
    }

    /** What is wrong with a word that is no option. */
    private String unknown(String word) {
        int equals = word.indexOf('=');
        String before = equals < 0 ? word : word.substring(0, equals);
        if (equals > 0 && known.hasOption(before)) {
            return named(known.getOption(before)).title() + " takes no value";
        }
        for (int i = 1; !word.startsWith("--") && i < word.length(); i++) {
            if (!known.hasShortOption(word.substring(i, i + 1))) {
                return "there is no option '-" + word.charAt(i) + "'" + (word.length() > 2 ? " (in " + word + ")" : "");
            }
        }
        return "there is no option '" + before + "'";
    }

    /** Ours to one of the library's. */
    private Option<?> named(org.apache.commons.cli.Option declaration) {
        for (Option<?> each : options) {
            if (each.declaration().equals(declaration)) {
                return each;
            }
        }
        return help;
    }

    private static Failure.Exit wrong(String message) {
        return new Failure.Exit(ExitCode.USAGE, message);
    }
}
