package dev.tokioj.bench.compare;

/** A peer that is missing, failed or stalled: its row says so, the others go on. */
final class PeerFailure extends Exception {
    private static final long serialVersionUID = 1;

    PeerFailure(String reason) {
        super(reason);
    }

    /** What went wrong, in words. */
    static String reason(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
