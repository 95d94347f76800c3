package dev.tokioj.bench.compare;

import java.io.IOException;

/** A stack's client. */
interface Asking extends AutoCloseable {
    /** Starts a case's work, which goes on until {@link Progress#stop}. */
    Work start(Case what, Progress progress) throws Exception;

    /**
     * Moves this many blocks in each direction and compares their SHA-256.
     *
     * @throws Exception when it is not the same
     */
    void verify(int blocks) throws Exception;

    /** Opens connections until so many are held. */
    void open(int connections) throws Exception;

    /** Makes one request on each connection that is held, and checks its response. */
    void askEach() throws Exception;

    @Override
    void close() throws IOException;

    /** Work under way. */
    interface Work {
        /** After {@link Progress#stop}: waits for its end and makes the checks that only then can be made. */
        void finish() throws Exception;
    }
}
