package dev.tokioj.net;

/** Who asked for a stream and counts it. Called once, on the loop, by one of the two; must not wait. */
interface StreamUse {
    /** Nobody counts. */
    StreamUse UNCOUNTED = new StreamUse() {
        @Override
        public void notOpened() {}

        @Override
        public void ended() {}
    };

    /** There is no stream, and the peer's limit is as it was. */
    void notOpened();

    /** The stream is over in both directions, or its connection is. */
    void ended();
}
