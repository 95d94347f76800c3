package dev.tokioj.cli;

import dev.tokioj.net.ConnectionClosedException;
import dev.tokioj.net.HandshakeFailedException;
import dev.tokioj.net.HandshakeTimeoutException;
import dev.tokioj.net.Http3Exception;
import dev.tokioj.net.StreamResetException;
import dev.tokioj.net.StreamTimeoutException;
import dev.tokioj.tls.TlsAlert;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.security.KeyStoreException;

/** From an exception to a line that a person can use, and to an exit code. */
final class Failure {
    private Failure() {}

    /** A failure with a message and a code of its own. */
    static final class Exit extends Exception {
        private static final long serialVersionUID = 1L;

        private final ExitCode code;

        Exit(ExitCode code, String message) {
            super(message);
            this.code = code;
        }

        ExitCode code() {
            return code;
        }
    }

    /** Prints what went wrong with a command; returns the exit code. */
    static int report(Exception e, String command, Console console) {
        ExitCode code = codeOf(e);
        console.say("tokioj: " + message(e));
        if (code == ExitCode.USAGE && Main.NAMES.contains(command)) {
            console.say("  tokioj " + command + " --help says what there is");
        }
        // A bug of ours needs its place; a peer's fault or a wrong file name does not.
        if (Boolean.getBoolean("tokioj.stacktrace") || (code == ExitCode.FAILED && e instanceof RuntimeException)) {
            e.printStackTrace(console.err());
        }
        console.err().flush();
        return code.code();
    }

    static ExitCode codeOf(Throwable e) {
        return switch (e) {
            case Exit exit -> exit.code();
            case Output.Failed _ -> ExitCode.OUTPUT;
            case UnknownHostException _ -> ExitCode.UNRESOLVED;
            case BindException _ -> ExitCode.ADDRESS;
            case HandshakeTimeoutException _, StreamTimeoutException _ -> ExitCode.UNREACHABLE;
            case HandshakeFailedException failed ->
                isCertificate(failed.alert()) ? ExitCode.CERTIFICATE : ExitCode.HANDSHAKE;
            case ConnectionClosedException _ -> ExitCode.CONNECTION_LOST;
            case Http3Exception _, StreamResetException _ -> ExitCode.PROTOCOL;
            case InterruptedIOException _, InterruptedException _ -> ExitCode.INTERRUPTED;
            default -> ExitCode.FAILED;
        };
    }

    private static boolean isCertificate(@org.jspecify.annotations.Nullable TlsAlert alert) {
        return switch (alert) {
            case BAD_CERTIFICATE,
                    UNSUPPORTED_CERTIFICATE,
                    CERTIFICATE_REVOKED,
                    CERTIFICATE_EXPIRED,
                    CERTIFICATE_UNKNOWN,
                    UNKNOWN_CA -> true;
            case null, default -> false;
        };
    }

    private static String message(Exception e) {
        String said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return switch (e) {
            case UnknownHostException _ -> "cannot resolve the host name: " + said;
            case NoSuchFileException _ -> "there is no " + said;
            case NotDirectoryException _ -> said + " is not a directory";
            case AccessDeniedException _ -> "not allowed to read or write " + said;
            case FileSystemException _ -> said;
            case HandshakeFailedException failed
            when isCertificate(failed.alert()) ->
                said + "\n  --cacert FILE trusts another authority; --insecure trusts anybody";
            // Only where the JDK's own authorities are read.
            case IOException unread
            when unread.getCause() instanceof KeyStoreException ->
                said + "\n  --cacert FILE names other authorities, and it is then not read";
            case IOException _ -> said;
            default -> said;
        };
    }
}
