package dev.tokioj.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a command takes: its options and parameters are declared here, each with the variable that then holds its value. Our
 * own because of the start: a library that reads annotations costs more time than a QUIC handshake. One thread.
 *
 * <p>Understood are {@code --name VALUE}, {@code --name=VALUE}, {@code -n VALUE}, {@code -nVALUE}, flags in one word
 * ({@code -iv}), and {@code --}, after which all is parameters.
 */
final class Syntax {
    private final String name;
    private final String description;
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
    }

    /** An option without a value. */
    Option<Boolean> flag(String help, String... names) {
        return add(options, new Option<>(List.of(names), "", Kind.FLAG, help, Option.Times.OPTIONAL).otherwise(false));
    }

    /** An option with a value. */
    <T> Option<T> option(Kind<T> kind, String label, String help, String... names) {
        return add(options, new Option<>(List.of(names), label, kind, help, Option.Times.OPTIONAL));
    }

    /** An option that may be given several times. */
    <T> Option<T> repeated(Kind<T> kind, String label, String help, String... names) {
        return add(options, new Option<>(List.of(names), label, kind, help, Option.Times.REPEATED));
    }

    /** The next parameter; after a repeated one there is no other. */
    <T> Option<T> parameter(Kind<T> kind, String label, String help, Option.Times times) {
        return add(parameters, new Option<>(List.of(), label, kind, help, times));
    }

    private static <T> Option<T> add(List<Option<?>> all, Option<T> option) {
        all.add(option);
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
        int place = 0;
        boolean onlyParameters = false;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (onlyParameters || word.length() < 2 || word.charAt(0) != '-') {
                place = parameter(word, place);
            } else if (word.equals("--")) {
                onlyParameters = true;
            } else {
                String next = i + 1 < words.size() ? words.get(i + 1) : null;
                boolean taken = word.startsWith("--") ? longOption(word, next) : shortOptions(word, next);
                i += taken ? 1 : 0;
            }
        }
        for (Option<?> each : parameters) {
            if (each.times() == Option.Times.REQUIRED && !each.isGiven() && !help.isGiven()) {
                throw wrong("the parameter " + each.label() + " is missing");
            }
        }
    }

    /** Returns the place of the parameter that the next word is for. */
    private int parameter(String word, int place) throws Failure.Exit {
        if (place >= parameters.size()) {
            throw wrong("there is nothing to do with '" + word + "'");
        }
        Option<?> parameter = parameters.get(place);
        parameter.take(word);
        return parameter.times() == Option.Times.REPEATED ? place : place + 1;
    }

    /** Whether the next word was its value. */
    private boolean longOption(String word, @Nullable String next) throws Failure.Exit {
        int equals = word.indexOf('=');
        Option<?> option = named(equals < 0 ? word : word.substring(0, equals));
        if (option.isFlag()) {
            if (equals >= 0) {
                throw wrong(option.title() + " takes no value");
            }
            option.take("");
            return false;
        }
        if (equals >= 0) {
            option.take(word.substring(equals + 1));
            return false;
        }
        option.take(value(option, next));
        return true;
    }

    /** {@code -iv}, {@code -o FILE}, {@code -oFILE}: whether the next word was the value of the last. */
    private boolean shortOptions(String word, @Nullable String next) throws Failure.Exit {
        for (int i = 1; i < word.length(); i++) {
            Option<?> option = named("-" + word.charAt(i));
            if (option.isFlag()) {
                option.take("");
                continue;
            }
            if (i + 1 < word.length()) {
                option.take(word.substring(word.charAt(i + 1) == '=' ? i + 2 : i + 1));
                return false;
            }
            option.take(value(option, next));
            return true;
        }
        return false;
    }

    private String value(Option<?> option, @Nullable String next) throws Failure.Exit {
        // A forgotten value must not swallow the option after it.
        if (next == null || find(next) != null) {
            throw wrong(option.title() + " needs a value: " + option.label());
        }
        return next;
    }

    private Option<?> named(String word) throws Failure.Exit {
        Option<?> option = find(word);
        if (option == null) {
            throw wrong("there is no option '" + word + "'");
        }
        return option;
    }

    private @Nullable Option<?> find(String word) {
        if (help.names().contains(word)) {
            return help;
        }
        for (Option<?> each : options) {
            if (each.names().contains(word)) {
                return each;
            }
        }
        return null;
    }

    private static Failure.Exit wrong(String message) {
        return new Failure.Exit(ExitCode.USAGE, message);
    }
}
