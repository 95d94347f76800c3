package dev.tokioj.tls;

import org.jspecify.annotations.Nullable;

/**
 * Work of a handshake that may be slow or block: a signature, the check of a certificate chain. Whoever is given one runs
 * it once, on any thread, and then passes it to {@link TlsEngine#resume} on the engine's thread; that hand-over must
 * publish what the work wrote (a queue, a join: any happens-before edge does).
 */
public abstract sealed class Delegated permits SigningWork, ServerAuthentication {
    private enum Progress {
        PENDING,
        SUCCEEDED,
        FAILED
    }

    private Progress progress = Progress.PENDING;
    private @Nullable TlsAlertException failure;

    Delegated() {}

    /** Does the work and keeps its outcome; never throws. */
    public final void run() {
        try {
            perform();
            progress = Progress.SUCCEEDED;
        } catch (TlsAlertException e) {
            fail(e);
        } catch (Throwable e) { // of a provider or a verifier; the engine reports it with its cause
            fail(new TlsAlertException(TlsAlert.INTERNAL_ERROR, "delegated work failed", e));
        }
    }

    abstract void perform() throws TlsAlertException;

    private void fail(TlsAlertException e) {
        failure = e;
        progress = Progress.FAILED;
    }

    /** Throws what the work failed with. */
    final void checkOutcome() throws TlsAlertException {
        switch (progress) {
            case PENDING -> throw new IllegalStateException("the work was not run");
            case FAILED -> {
                if (failure != null) {
                    throw failure;
                }
            }
            case SUCCEEDED -> {}
        }
    }
}
