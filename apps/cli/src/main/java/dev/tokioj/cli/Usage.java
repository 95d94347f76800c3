package dev.tokioj.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.commons.cli.help.TextHelpAppendable;
import org.apache.commons.cli.help.TextStyle;

/** Help texts, 80 columns wide; Commons CLI breaks the lines. */
final class Usage {
    private static final int WIDTH = 80;
    private static final int HELP_COLUMN = 28;

    /** Further lines of a row begin below its text. */
    private static final TextStyle ROW =
            TextStyle.builder().setMaxWidth(WIDTH).setIndent(HELP_COLUMN).get();

    private final PrintWriter out;
    private final TextHelpAppendable wrapped;

    Usage(PrintWriter out) {
        this.out = out;
        wrapped = new TextHelpAppendable(out);
    }

    /** All commands, exit codes and the environment. */
    void print(List<Command> commands) {
        out.println("HTTP/3 and QUIC from the command line.");
        out.println("Usage: tokioj COMMAND [OPTIONS]");
        row("  -h, --help", "Print this, or what a command takes.");
        row("  -V, --version", "Print the version.");
        out.println("Commands:");
        for (Command each : commands) {
            row("  " + each.syntax().name(), each.syntax().summary());
        }
        row("  help", "Print what a command takes: tokioj help COMMAND.");
        out.println();
        out.println("Exit codes:");
        for (ExitCode code : ExitCode.values()) {
            row("  " + code.code(), code.meaning());
        }
        out.println();
        out.println("Environment:");
        row("  SSLKEYLOGFILE", "With --key-log: the file that TLS secrets are appended to, for Wireshark.");
        row("  QLOGDIR", "A directory for qlog traces of every connection (for tools such as qvis).");
        out.flush();
    }

    /** One command. */
    void print(Syntax syntax) {
        StringBuilder line =
                new StringBuilder("Usage: tokioj ").append(syntax.name()).append(" [OPTIONS]");
        for (Option<?> each : syntax.parameters()) {
            line.append(' ')
                    .append(
                            switch (each.times()) {
                                case OPTIONAL -> "[" + each.label() + "]";
                                case REQUIRED -> each.label();
                                case REPEATED -> "[" + each.label() + "...]";
                            });
        }
        out.println(line);
        out.println(syntax.description().strip());
        out.println();
        for (Option<?> each : syntax.parameters()) {
            row("      " + each.label(), each.help());
        }
        for (Option<?> each : syntax.options()) {
            row(title(each), each.help());
        }
        row("  -h, --help", "Print this.");
        out.flush();
    }

    private static String title(Option<?> option) {
        String names = String.join(", ", option.names());
        String indent = option.names().getFirst().startsWith("--") ? "      " : "  ";
        return indent + names + (option.isFlag() ? "" : "=" + option.label());
    }

    /** A title, and its text beside it in a column of its own. */
    private void row(String title, String text) {
        StringBuilder line = new StringBuilder(title);
        if (line.length() > HELP_COLUMN - 2) {
            out.println(line);
            line.setLength(0);
        }
        line.repeat(' ', HELP_COLUMN - line.length()).append(text);
        try {
            wrapped.printWrapped(line.toString(), ROW);
        } catch (IOException e) {
            throw new UncheckedIOException("a PrintWriter throws none", e);
        }
    }
}
