package dev.tokioj.cli;

import java.io.PrintStream;
import java.io.PrintWriter;

/** Where a command prints: lines for people, in the terminal's encoding; whoever prints also flushes. */
record Console(PrintWriter out, PrintWriter err) {
    /** That of the process. */
    static Console system() {
        return new Console(of(System.out), of(System.err));
    }

    private static PrintWriter of(PrintStream stream) {
        return new PrintWriter(stream, false, stream.charset());
    }

    /** A line on the standard error, at once. */
    void say(String line) {
        err.println(line);
        err.flush();
    }
}
