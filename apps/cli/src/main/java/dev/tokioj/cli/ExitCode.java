package dev.tokioj.cli;

/** The exit codes of the command, one a kind of failure, so that scripts can tell them apart. They are printed by {@code --help}. */
enum ExitCode {
    OK(0, "done"),
    FAILED(1, "a failure of no kind below; the message says which"),
    USAGE(2, "the command line is wrong"),
    UNRESOLVED(3, "the host name could not be resolved"),
    UNREACHABLE(4, "nobody answered in time"),
    CERTIFICATE(5, "the server's certificate was refused"),
    HANDSHAKE(6, "the TLS or QUIC handshake failed otherwise"),
    CONNECTION_LOST(7, "the connection was lost or closed before the end"),
    HTTP_STATUS(8, "the server answered with a status of 400 or more"),
    PROTOCOL(9, "the peer broke HTTP/3, or reset the request"),
    OUTPUT(10, "the output could not be written"),
    ADDRESS(11, "the address to listen on is in use or not ours"),
    MISMATCH(12, "what arrived is not what was sent"),
    INTERRUPTED(130, "interrupted by Ctrl-C");

    private final int code;
    private final String meaning;

    ExitCode(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    int code() {
        return code;
    }

    String meaning() {
        return meaning;
    }
}
