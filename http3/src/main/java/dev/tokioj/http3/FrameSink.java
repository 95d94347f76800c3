package dev.tokioj.http3;

/** The stream that frames are read for: it says which may be there, and takes them. */
interface FrameSink {
    /** What becomes of a frame's payload. */
    enum Payload {
        /** DATA: passed on as it comes. */
        PASSED,
        /** Taken whole, up to a limit. */
        HELD,
        /** Of a type without meaning here: stepped over. */
        SKIPPED
    }

    /** A frame begins: says what becomes of it, or refuses a type that may not be here or not now (RFC 9114 table 1). */
    Payload admit(long type) throws Http3Exception;

    /** The length of a frame to skip, before its payload comes. */
    void onSkipped(long length) throws Http3Exception;

    /** The length of a DATA frame, before its payload comes. */
    void onDataFrame(long length) throws Http3Exception;

    /** Payload of the DATA frame: not empty, there only during the call. */
    void onData(byte[] buf, int off, int len) throws Http3Exception;

    /** A frame that was taken whole. */
    void onFrame(Http3Frame frame) throws Http3Exception;
}
