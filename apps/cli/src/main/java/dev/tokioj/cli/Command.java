package dev.tokioj.cli;

/** A subcommand; an instance runs once. */
interface Command {
    /** What it takes. */
    Syntax syntax();

    /** Does it, after {@link Syntax#parse}; returns the exit code. */
    ExitCode run(Console console) throws Exception;
}
