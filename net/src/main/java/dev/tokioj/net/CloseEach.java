package dev.tokioj.net;

import java.io.IOException;

/** Closes several things of which each is to be closed, whatever becomes of the others. */
final class CloseEach {
    private CloseEach() {}

    /** How one of them is closed. */
    interface Closing<T> {
        void close(T one) throws IOException;
    }

    /**
     * In their order; also if an interrupt ends the wait for one.
     *
     * @throws IOException the first failure, with the others suppressed
     */
    static <T> void of(Iterable<T> all, Closing<T> closing) throws IOException {
        IOException failure = null;
        for (T one : all) {
            try {
                closing.close(one);
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
