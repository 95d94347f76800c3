package dev.tokioj.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where content goes. A regular file is written under another name beside it and renamed when it is whole; a device or a pipe
 * is written to as it is. What fails here is told apart from a failing connection by {@link Failed}.
 */
final class Output implements AutoCloseable {
    /** It could not be written. */
    static final class Failed extends IOException {
        private static final long serialVersionUID = 1L;

        Failed(String what, IOException cause) {
            super(what + ": " + reason(cause), cause);
        }

        private static String reason(IOException e) {
            String said = String.valueOf(e.getMessage());
            return e instanceof java.nio.file.FileSystemException
                    ? e.getClass().getSimpleName().replace("Exception", "") + " " + said
                    : said;
        }
    }

    private static final int ATTEMPTS = 100;

    private final String name;
    private final OutputStream out;
    private final @Nullable Path part;
    private final @Nullable Path target;
    private @Nullable Thread remover;

    private Output(String name, OutputStream out, @Nullable Path part, @Nullable Path target) {
        this.name = name;
        this.out = out;
        this.part = part;
        this.target = target;
    }

    /** The standard output. */
    static Output standard() {
        return new Output("the standard output", StandardOutput.stream(), null, null);
    }

    /** A file; one that is there is replaced when the new one is whole. */
    static Output file(Path file) throws Failed {
        String name = file.toString();
        try {
            // Through a symbolic link, which stays.
            Path real = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            if (Files.isDirectory(real)) {
                throw new IOException("it is a directory");
            }
            if (Files.exists(real) && !Files.isRegularFile(real)) {
                return new Output(name, Files.newOutputStream(real), null, null);
            }
            for (int i = 0; i < ATTEMPTS; i++) {
                Path part = real.resolveSibling(real.getFileName() + (i == 0 ? "" : "." + i) + ".part");
                try {
                    // Not createTempFile: its files are readable by their owner alone, whatever the umask says.
                    OutputStream out =
                            Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    Output begun = new Output(name, out, part, real);
                    begun.removeAtExit(part);
                    return begun;
                } catch (FileAlreadyExistsException e) {
                    if (i == ATTEMPTS - 1) {
                        throw e;
                    }
                }
            }
            throw new IllegalStateException("unreachable: the last attempt throws");
        } catch (IOException e) {
            throw new Failed("cannot write to " + name, e);
        }
    }

    /** Ctrl-C ends the JVM without a word to us. No deleteOnExit: the name may be another process's before our exit. */
    private void removeAtExit(Path begun) throws IOException {
        Thread hook = new Thread(() -> begun.toFile().delete(), "remove-part");
        remover = hook;
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            close();
            throw new IOException("the process is ending", e);
        }
    }

    private void forget(Thread hook) {
        remover = null;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending, and the hook with it.
        }
    }

    void write(byte[] bytes, int off, int len) throws Failed {
        try {
            out.write(bytes, off, len);
        } catch (IOException e) {
            throw new Failed("cannot write to " + name, e);
        }
    }

    /** All is written: the file gets its name. */
    void complete() throws Failed {
        try {
            out.flush();
            if (part != null && target != null) {
                out.close();
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
                if (remover != null) {
                    forget(remover);
                }
            }
        } catch (IOException e) {
            throw new Failed("cannot write to " + name, e);
        }
    }

    /** Leaves nothing behind of a file that is not whole. */
    @Override
    public void close() throws IOException {
        if (part != null && remover != null) {
            try {
                out.close();
            } finally {
                Files.deleteIfExists(part);
                forget(remover);
            }
        }
    }
}
