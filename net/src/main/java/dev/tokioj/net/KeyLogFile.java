package dev.tokioj.net;

import dev.tokioj.tls.KeyLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * Secrets for a debugger, in the NSS key log format. Whoever reads the file reads the traffic: it is opened for its owner
 * alone and only where the program asked for it by name. Lines are written by a thread of their own.
 */
final class KeyLogFile implements KeyLog, AutoCloseable {
    private static final int CAPACITY = 10_000; // five lines a handshake: 2,000 handshakes between two looks
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(2);

    private final FileChannel file;
    private final BackgroundQueue queue;

    private KeyLogFile(FileChannel file) {
        this.file = file;
        this.queue = new BackgroundQueue("tokioj-keylog", CAPACITY, () -> {});
    }

    static KeyLogFile open(Path path) throws IOException {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        FileChannel file =
                FileChannel.open(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), attributes);
        KeyLogFile log = new KeyLogFile(file);
        log.queue.start();
        return log;
    }

    @Override
    public void line(String label, byte[] clientRandom, byte[] secret) {
        HexFormat hex = HexFormat.of();
        byte[] line = (label + ' ' + hex.formatHex(clientRandom) + ' ' + hex.formatHex(secret) + '\n')
                .getBytes(StandardCharsets.US_ASCII);
        if (!queue.offer(() -> write(line))) {
            Arrays.fill(line, (byte) 0);
        }
    }

    private void write(byte[] line) {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the key log cannot be written", e);
        } finally {
            Arrays.fill(line, (byte) 0);
        }
    }

    @Override
    public void close() {
        // By whoever writes: an interrupt ends the wait for that, and what is still to be written would be lost.
        queue.add(this::closeFile);
        queue.close(CLOSE_BOUND);
    }

    private void closeFile() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the key log cannot be closed", e);
        }
    }
}
