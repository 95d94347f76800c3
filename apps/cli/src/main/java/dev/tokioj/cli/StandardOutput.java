package dev.tokioj.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;

/** The standard output as bytes: unlike System.out it tells when it cannot be written. */
final class StandardOutput {
    private static final int BUFFER = 64 * 1024;

    private StandardOutput() {}

    /** A buffered stream; whoever writes to it flushes it. */
    static OutputStream stream() {
        return new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER);
    }
}
