package dev.tokioj.net;

import java.io.IOException;
import java.io.OutputStream;

/** Writes the content of a message as it is made. */
@FunctionalInterface
public interface BodyWriter {
    /** Writes everything; {@code out} is closed by the caller. A write waits while the peer does not read. */
    void writeTo(OutputStream out) throws IOException;
}
