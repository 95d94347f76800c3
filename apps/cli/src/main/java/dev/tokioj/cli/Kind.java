package dev.tokioj.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * What a word on the command line is read as.
 *
 * @param read makes the value; an {@link IllegalArgumentException} says what is wrong with the word
 * @param candidates the words it can be, empty when there are too many: for help and completion
 */
record Kind<T>(Function<String, T> read, List<String> candidates) {
    static final Kind<String> TEXT = new Kind<>(word -> word, List.of());
    static final Kind<Path> PATH = new Kind<>(Path::of, List.of());
    static final Kind<Double> DECIMAL = new Kind<>(Kind::decimal, List.of());

    /** A flag's value, which is never written: its presence is. */
    static final Kind<Boolean> FLAG = new Kind<>(_ -> true, List.of());

    /** A whole number within bounds. */
    static Kind<Integer> whole(int least, int most) {
        return new Kind<>(
                word -> {
                    int number = wholeNumber(word);
                    if (number < least || number > most) {
                        throw new IllegalArgumentException(word + " is not from " + least + " to " + most);
                    }
                    return number;
                },
                List.of());
    }

    /** A constant of an enum, in any case. */
    static <E extends Enum<E>> Kind<E> of(Class<E> type) {
        List<String> names = new ArrayList<>();
        E[] constants = type.getEnumConstants();
        for (E each : constants) {
            names.add(each.name());
        }
        return new Kind<>(
                word -> {
                    for (E each : constants) {
                        if (each.name().equalsIgnoreCase(word)) {
                            return each;
                        }
                    }
                    throw new IllegalArgumentException("'" + word + "' is none of " + String.join(", ", names));
                },
                List.copyOf(names));
    }

    /** Several, separated by commas. */
    static <T> Kind<List<T>> commaSeparated(Kind<T> of) {
        return new Kind<>(
                word -> {
                    List<T> all = new ArrayList<>();
                    for (String each : word.split(",", -1)) {
                        all.add(of.read.apply(each.strip()));
                    }
                    return List.copyOf(all);
                },
                of.candidates);
    }

    private static int wholeNumber(String word) {
        try {
            return Integer.parseInt(word);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + word + "' is not a whole number", e);
        }
    }

    /** Not more than a computer can wait: also no NaN and no infinity. */
    private static double decimal(String word) {
        try {
            double number = Double.parseDouble(word.toLowerCase(Locale.ROOT));
            if (number >= 0 && number <= 1e9) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + word + "' is not a number", e);
        }
        throw new IllegalArgumentException(word + " is not from 0 to 1,000,000,000");
    }
}
