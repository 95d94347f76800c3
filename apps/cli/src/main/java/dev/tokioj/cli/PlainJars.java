package dev.tokioj.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Loads classes from jars, or directories, that came with the command and are as trusted as itself: it does not check signatures of
 * jars, which for those of Bouncy Castle takes 130 ms. Classes alone, no resources.
 */
final class PlainJars extends ClassLoader implements AutoCloseable {
    private final List<Path> directories = new ArrayList<>();
    private final List<ZipFile> jars = new ArrayList<>();

    PlainJars(String name, List<Path> places, ClassLoader parent) throws IOException {
        super(name, parent);
        for (Path place : places) {
            if (Files.isDirectory(place)) {
                directories.add(place);
            } else {
                jars.add(new ZipFile(place.toFile()));
            }
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try {
            byte[] code = code(name.replace('.', '/') + ".class");
            if (code != null) {
                return defineClass(name, code, 0, code.length);
            }
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
        throw new ClassNotFoundException(name);
    }

    private byte @Nullable [] code(String file) throws IOException {
        for (Path directory : directories) {
            Path path = directory.resolve(file);
            if (Files.exists(path)) {
                return Files.readAllBytes(path);
            }
        }
        for (ZipFile jar : jars) {
            ZipEntry entry = jar.getEntry(file);
            if (entry != null) {
                try (InputStream in = jar.getInputStream(entry)) {
                    return in.readAllBytes();
                }
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        for (ZipFile jar : jars) {
            jar.close();
        }
    }
}
