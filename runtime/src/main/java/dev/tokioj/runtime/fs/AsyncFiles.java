package dev.tokioj.runtime.fs;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.EventLoop;
import dev.tokioj.runtime.Task;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/**
 * {@link Files} for tasks. A system gives files no readiness to wait for, so each call runs in the blocking pool of the caller's runtime
 * while the caller parks: a loop goes on. Any thread inside a runtime but a loop's own.
 *
 * <p>An interrupt ends the caller's wait with {@link InterruptedIOException}, the flag still set; what was begun is not cut short in the
 * middle.
 */
public final class AsyncFiles {
    private AsyncFiles() {}

    /** {@link Files#readAllBytes}. */
    public static byte[] readAllBytes(Path path) throws IOException {
        return blocking("a read of " + path, () -> Files.readAllBytes(path));
    }

    /** {@link Files#readString(Path)}: UTF-8. */
    public static String readString(Path path) throws IOException {
        return readString(path, StandardCharsets.UTF_8);
    }

    /** {@link Files#readString(Path, Charset)}. */
    public static String readString(Path path, Charset charset) throws IOException {
        return blocking("a read of " + path, () -> Files.readString(path, charset));
    }

    /** {@link Files#write(Path, byte[], OpenOption...)}. The bytes are the caller's again on return, also by an exception. */
    public static void write(Path path, byte[] bytes, OpenOption... options) throws IOException {
        byte[] mine = bytes.clone();
        blocking("a write of " + path, () -> Files.write(path, mine, options));
    }

    /** {@link Files#writeString(Path, CharSequence, OpenOption...)}: UTF-8. */
    public static void writeString(Path path, String text, OpenOption... options) throws IOException {
        blocking("a write of " + path, () -> Files.writeString(path, text, options));
    }

    /** {@link Files#copy(Path, Path, CopyOption...)}. */
    public static void copy(Path from, Path to, CopyOption... options) throws IOException {
        blocking("a copy of " + from, () -> Files.copy(from, to, options));
    }

    /** {@link Files#size}. */
    public static long size(Path path) throws IOException {
        return blocking("the size of " + path, () -> Files.size(path));
    }

    /** {@link Files#deleteIfExists}. */
    public static boolean deleteIfExists(Path path) throws IOException {
        return blocking("a deletion of " + path, () -> Files.deleteIfExists(path));
    }

    /**
     * Opens a file.
     *
     * @throws java.nio.file.NoSuchFileException and its family, as {@link java.nio.channels.FileChannel#open}
     */
    public static AsyncFile open(Path path, OpenOption... options) throws IOException {
        return AsyncFile.open(runtime("AsyncFiles.open"), path, options);
    }

    private static <T> T blocking(String what, Callable<T> body) throws IOException {
        return blocking(runtime(what), what, body);
    }

    private static AsyncRuntime runtime(String what) {
        AsyncRuntime runtime = AsyncRuntime.current();
        if (runtime == null) {
            throw new IllegalStateException(
                    what + " belongs inside a runtime; outside of one, java.nio.file.Files does the same");
        }
        return runtime;
    }

    /** Runs it in the pool and waits; not cancelled by an interrupt, which would close a channel under it. */
    static <T> T blocking(AsyncRuntime runtime, String what, Callable<T> body) throws IOException {
        EventLoop.checkMayBlock(what);
        Task<T> task = runtime.spawnBlocking(body);
        try {
            return task.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted in " + what);
            interrupted.initCause(e);
            throw interrupted;
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(what + " failed", e);
        }
    }
}
