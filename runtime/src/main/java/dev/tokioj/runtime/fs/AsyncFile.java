package dev.tokioj.runtime.fs;

import dev.tokioj.runtime.AsyncRuntime;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An open file, read and written at positions, by the blocking pool of its runtime ({@link AsyncFiles}). Any number of threads at once.
 * The caller's arrays are never touched after a call has ended, by whatever way it did: bytes pass through an array of the call's own.
 */
public final class AsyncFile implements AutoCloseable {
    /** The most that one trip to the pool moves: a call of more makes several. */
    private static final int PIECE = 256 * 1024;

    /** In the place of a channel: the caller has gone. */
    private static final Closeable ABANDONED = () -> {};

    private final AsyncRuntime runtime;
    private final FileChannel channel;
    private final Path path;

    private AsyncFile(AsyncRuntime runtime, FileChannel channel, Path path) {
        this.runtime = runtime;
        this.channel = channel;
        this.path = path;
    }

    /** As {@link AsyncFiles#open}, on this runtime. */
    public static AsyncFile open(AsyncRuntime runtime, Path path, OpenOption... options) throws IOException {
        // The pool opens it even if the caller is interrupted meanwhile: the second of the two here closes it then.
        AtomicReference<@Nullable Closeable> handover = new AtomicReference<>();
        try {
            FileChannel channel = AsyncFiles.blocking(runtime, "opening " + path, () -> {
                FileChannel opened = FileChannel.open(path, options);
                if (!handover.compareAndSet(null, opened)) {
                    opened.close();
                }
                return opened;
            });
            return new AsyncFile(runtime, channel, path);
        } catch (IOException | RuntimeException | Error e) {
            if (!handover.compareAndSet(null, ABANDONED)) {
                abandon(handover.get(), e);
            }
            throw e;
        }
    }

    private static void abandon(@Nullable Closeable opened, Throwable why) {
        try {
            if (opened != null) {
                opened.close();
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /**
     * Reads up to {@code len} bytes from the position on.
     *
     * @return the bytes read, at most 256 KB in one call; -1 at the end
     */
    public int read(byte[] buf, int off, int len, long position) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        ByteBuffer mine = ByteBuffer.allocate(Math.min(len, PIECE));
        int n = AsyncFiles.blocking(runtime, "a read of " + path, () -> channel.read(mine, position));
        mine.flip().get(buf, off, Math.max(0, n));
        return n;
    }

    /** Writes all of it from the position on. */
    public void write(byte[] buf, int off, int len, long position) throws IOException {
        Objects.checkFromIndexSize(off, len, buf.length);
        int piece;
        for (int done = 0; done < len; done += piece) {
            piece = Math.min(PIECE, len - done);
            ByteBuffer mine =
                    ByteBuffer.allocate(piece).put(buf, off + done, piece).flip();
            long at = position + done;
            AsyncFiles.blocking(runtime, "a write of " + path, () -> {
                while (mine.hasRemaining()) {
                    channel.write(mine, at + mine.position());
                }
                return path;
            });
        }
    }

    /** Its bytes. */
    public long size() throws IOException {
        return AsyncFiles.blocking(runtime, "the size of " + path, channel::size);
    }

    /** Makes what was written last (fsync). */
    public void sync() throws IOException {
        AsyncFiles.blocking(runtime, "a sync of " + path, () -> {
            channel.force(true);
            return path;
        });
    }

    /** Closes it, without waiting for the disk. Idempotent. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return "file " + path;
    }
}
