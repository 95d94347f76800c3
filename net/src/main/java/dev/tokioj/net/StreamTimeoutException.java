package dev.tokioj.net;

/** A deadline passed while a read waited for bytes or a write for room. The stream stays as it was and can be used on. */
public final class StreamTimeoutException extends QuicException {
    private static final long serialVersionUID = 1;

    private final int transferred;

    StreamTimeoutException(String message, int transferred) {
        super(message, null);
        this.transferred = transferred;
    }

    /** Bytes that a write had handed over before the deadline, so that the caller can go on from there; 0 for a read. */
    public int bytesTransferred() {
        return transferred;
    }
}
