package dev.tokioj.http3.qpack;

/** A fault of the peer's encoder or decoder. It has no stack trace: whoever sends garbage chooses how often one is made. */
public final class QpackException extends Exception {
    private static final long serialVersionUID = 1L;

    private final QpackError error;
    private final String reason;

    /** A fault, with words for people in ASCII. */
    public QpackException(QpackError error, String reason) {
        super(error + ": " + reason, null, false, false);
        this.error = error;
        this.reason = reason;
    }

    /** Which fault. */
    public QpackError error() {
        return error;
    }

    /** What happened, in ASCII. */
    public String reason() {
        return reason;
    }
}
