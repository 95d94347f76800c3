package dev.tokioj.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.jspecify.annotations.Nullable;

/** An option or a parameter of a command, and what the command line gives for it. One thread. */
final class Option<T> {
    /** How often it may be given. */
    enum Times {
        /** At most once. */
        OPTIONAL,
        /** Once. */
        REQUIRED,
        /** As often as one likes. */
        REPEATED
    }

    private final List<String> names;
    private final String label;
    private final Kind<T> kind;
    private final String help;
    private final Times times;
    private final org.apache.commons.cli.@Nullable Option declaration;
    private final List<T> given = new ArrayList<>();
    private @Nullable T otherwise;

    Option(List<String> names, String label, Kind<T> kind, String help, Times times) {
        this.names = names;
        this.label = label;
        this.kind = kind;
        this.help = help;
        this.times = times;
        this.declaration = names.isEmpty() ? null : declare();
    }

    private org.apache.commons.cli.Option declare() {
        String shortName = null;
        String longName = null;
        for (String each : names) {
            if (each.startsWith("--")) {
                longName = each.substring(2);
            } else {
                shortName = each.substring(1);
            }
        }
        return org.apache.commons.cli.Option.builder(shortName)
                .longOpt(longName)
                .hasArg(!isFlag())
                .get();
    }

    /** What Commons CLI is told of it; only of an option, because it knows no parameters. */
    org.apache.commons.cli.Option declaration() {
        if (declaration == null) {
            throw new IllegalStateException(title() + " is a parameter");
        }
        return declaration;
    }

    /** The value when none is given; help tells it. */
    Option<T> otherwise(T value) {
        otherwise = value;
        return this;
    }

    /** Takes what a command line that was read holds for this option. */
    void takeFrom(CommandLine line) throws Failure.Exit {
        if (isFlag()) {
            if (line.hasOption(declaration())) {
                take("");
            }
            return;
        }
        String[] words = line.getOptionValues(declaration());
        if (words != null) {
            for (String each : words) {
                take(each);
            }
        }
    }

    /** Takes a word as its value. */
    void take(String word) throws Failure.Exit {
        if (times != Times.REPEATED && !given.isEmpty()) {
            throw new Failure.Exit(ExitCode.USAGE, title() + " is given twice");
        }
        try {
            given.add(kind.read().apply(word));
        } catch (IllegalArgumentException e) {
            throw new Failure.Exit(ExitCode.USAGE, "wrong value for " + title() + ": " + e.getMessage());
        }
    }

    boolean isGiven() {
        return !given.isEmpty();
    }

    /** What is given, else the default, else null. */
    @Nullable T value() {
        return given.isEmpty() ? otherwise : given.getLast();
    }

    /** What is given, or the default; only where there is one of them for sure. */
    T get() {
        T value = value();
        if (value == null) {
            throw new IllegalStateException(title() + " is neither given nor has it a default");
        }
        return value;
    }

    /** All that are given. */
    List<T> values() {
        return List.copyOf(given);
    }

    boolean isFlag() {
        // Only what has a value has a word for it in help.
        return label.isEmpty();
    }

    Times times() {
        return times;
    }

    /** {@code -o} and {@code --output}; empty for a parameter, which goes by its place. */
    List<String> names() {
        return names;
    }

    String label() {
        return label;
    }

    List<String> candidates() {
        return kind.candidates();
    }

    /** What help says about it, the default and the candidates too. */
    String help() {
        StringBuilder text = new StringBuilder(help);
        if (!kind.candidates().isEmpty()) {
            text.append(": ").append(String.join(", ", kind.candidates()));
        }
        if (otherwise != null && !isFlag()) {
            String value = otherwise instanceof Double number && number == Math.rint(number)
                    ? Long.toString(number.longValue())
                    : otherwise.toString();
            text.append(" (default: ").append(value).append(')');
        }
        return text.append(text.charAt(text.length() - 1) == '.' ? "" : ".").toString();
    }

    /** What messages call it. */
    String title() {
        return names.isEmpty() ? label : names.getLast();
    }
}
