package dev.tokioj.cli;

/** Whether a person watches. */
final class Terminal {
    private Terminal() {}

    /** Whether standard input and output are a terminal. */
    @SuppressWarnings(
            "SystemConsoleNull") // System.console() may be null by its contract, whatever the JDK's default does
    static boolean isInteractive() {
        // The JDK's other console loads a line editor before it can tell.
        System.setProperty("jdk.console", "java.base");
        var console = System.console();
        return console != null && console.isTerminal();
    }
}
