package dev.tokioj.runtime.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tokioj.runtime.AsyncRuntime;
import dev.tokioj.runtime.Parked;
import dev.tokioj.runtime.Placement;
import dev.tokioj.runtime.RuntimeConfig;
import dev.tokioj.runtime.Task;
import dev.tokioj.runtime.TaskWaker;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files through the blocking pool. */
@Timeout(30)
class AsyncFilesTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private static AsyncRuntime start(Placement placement) throws Exception {
        return AsyncRuntime.start(RuntimeConfig.builder()
                .loops(1)
                .blockingThreads(1)
                .placement(placement)
                .build());
    }

    @ParameterizedTest
    @EnumSource(Placement.class)
    void wholeFiles(Placement placement, @TempDir Path dir) throws Exception {
        byte[] bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        try (AsyncRuntime runtime = start(placement)) {
            runtime.spawn(() -> {
                        Path a = dir.resolve("a");
                        Path b = dir.resolve("b");
                        AsyncFiles.write(a, bytes);
                        assertArrayEquals(bytes, AsyncFiles.readAllBytes(a));
                        AsyncFiles.copy(a, b);
                        assertEquals(300_000, AsyncFiles.size(b));
                        AsyncFiles.writeString(a, "äöü");
                        AsyncFiles.writeString(a, "!", StandardOpenOption.APPEND);
                        assertEquals("äöü!", AsyncFiles.readString(a));
                        AsyncFiles.copy(a, b, StandardCopyOption.REPLACE_EXISTING);
                        assertEquals("äöü!", Files.readString(b));
                        assertTrue(AsyncFiles.deleteIfExists(a));
                        assertFalse(AsyncFiles.deleteIfExists(a));
                        assertThrows(NoSuchFileException.class, () -> AsyncFiles.readAllBytes(a));
                    })
                    .join(LONG);
        }
        assertThrows(IllegalStateException.class, () -> AsyncFiles.size(dir));
    }

    @ParameterizedTest
    @EnumSource(Placement.class)
    void positions(Placement placement, @TempDir Path dir) throws Exception {
        byte[] bytes = new byte[700_000];
        new Random(2).nextBytes(bytes);
        try (AsyncRuntime runtime = start(placement)) {
            runtime.spawn(() -> {
                        AsyncFile closed;
                        try (AsyncFile file = AsyncFiles.open(
                                dir.resolve("c"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE)) {
                            file.write(bytes, 0, bytes.length, 10);
                            file.sync();
                            assertEquals(700_010, file.size());
                            byte[] back = new byte[bytes.length];
                            int at = 0;
                            while (at < back.length) {
                                at += file.read(back, at, back.length - at, 10 + at);
                            }
                            assertArrayEquals(bytes, back);
                            assertEquals(-1, file.read(back, 0, 1, 700_010));
                            closed = file;
                        }
                        assertThrows(ClosedChannelException.class, () -> closed.read(new byte[1], 0, 1, 0));
                    })
                    .join(LONG);
        }
    }

    @ParameterizedTest
    @EnumSource(Placement.class)
    void theLoopGoesOnAndAnInterruptEndsTheWait(Placement placement, @TempDir Path dir) throws Exception {
        try (AsyncRuntime runtime = start(placement)) {
            TaskWaker free = new TaskWaker();
            Task<?> hog = runtime.spawnBlocking(() -> free.await());
            CompletableFuture<Thread> who = new CompletableFuture<>();
            Task<Boolean> reader = runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                assertThrows(InterruptedIOException.class, () -> AsyncFiles.writeString(dir.resolve("d"), "late"));
                return Thread.interrupted();
            });
            Thread thread = Parked.await(who);
            assertEquals(5, runtime.spawn(() -> 5).join(LONG));
            thread.interrupt();
            assertTrue(reader.join(LONG));
            free.wake();
            hog.join(LONG);
            // What was begun is done, not cut short.
            runtime.spawnBlocking(() -> assertEquals("late", Files.readString(dir.resolve("d"))))
                    .join(LONG);
        }
    }

    @ParameterizedTest
    @EnumSource(Placement.class)
    void aFileOpenedForNobodyIsClosed(Placement placement, @TempDir Path dir) throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        Path path = dir.toRealPath().resolve("e");
        try (AsyncRuntime runtime = start(placement)) {
            TaskWaker free = new TaskWaker();
            Task<?> hog = runtime.spawnBlocking(() -> free.await());
            CompletableFuture<Thread> who = new CompletableFuture<>();
            Task<Boolean> opener = runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                assertThrows(
                        InterruptedIOException.class,
                        () -> AsyncFiles.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE));
                return Thread.interrupted();
            });
            Thread thread = Parked.await(who);
            thread.interrupt();
            assertTrue(opener.join(LONG));
            free.wake();
            hog.join(LONG);
            // The pool has one thread, which has opened it before it does this.
            runtime.spawnBlocking(() -> {
                        assertTrue(Files.exists(path));
                        assertFalse(isOpen(path));
                    })
                    .join(LONG);
        }
    }

    @ParameterizedTest
    @EnumSource(Placement.class)
    void aFileInTheMiddleOfBeingOpenedForNobodyIsClosed(Placement placement, @TempDir Path dir) throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        // The system opens it to read only together with somebody who opens it to write.
        Path pipe = dir.toRealPath().resolve("pipe");
        assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "mkfifo is needed");
        try (AsyncRuntime runtime = start(placement)) {
            CompletableFuture<Thread> who = new CompletableFuture<>();
            Task<Boolean> opener = runtime.spawn(() -> {
                who.complete(Thread.currentThread());
                assertThrows(InterruptedIOException.class, () -> AsyncFiles.open(pipe, StandardOpenOption.READ));
                return Thread.interrupted();
            });
            Thread thread = who.get(20, TimeUnit.SECONDS);
            awaitOpening();
            thread.interrupt();
            assertTrue(opener.join(LONG));
            // Opens once the pool's thread does, and not before.
            FileChannel.open(pipe, StandardOpenOption.WRITE).close();
            // The pool has one thread, which has closed it before it does this.
            runtime.spawnBlocking(() -> assertFalse(isOpen(pipe))).join(LONG);
        }
    }

    private static void awaitOpening() {
        while (Thread.getAllStackTraces().values().stream()
                .flatMap(Arrays::stream)
                .noneMatch(frame -> frame.getClassName().equals(FileChannel.class.getName())
                        && frame.getMethodName().equals("open"))) {
            Thread.onSpinWait();
        }
    }

    private static boolean isOpen(Path path) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path each : all) {
                if (leadsTo(each, path)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean leadsTo(Path link, Path path) throws IOException {
        try {
            return Files.readSymbolicLink(link).equals(path);
        } catch (NoSuchFileException e) {
            // Another thread's, closed since it was listed.
            return false;
        }
    }
}
