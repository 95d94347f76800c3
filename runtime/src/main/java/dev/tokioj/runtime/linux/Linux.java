package dev.tokioj.runtime.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.Set;

/** Whether {@link Libc} may be used in this process. Any thread; asked once, answered from memory after that. */
public final class Linux {
    private static final System.Logger LOG = System.getLogger(Linux.class.getName());
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64", "riscv64");

    private Linux() {}

    /** Why not, empty if it may. Says it in one log line the first time, and names the flag that would help. */
    public static Optional<String> unavailable() {
        return Probe.UNAVAILABLE;
    }

    private static final class Probe {
        static final Optional<String> UNAVAILABLE = probe();

        private static Optional<String> probe() {
            Optional<String> reason = look();
            reason.ifPresent(r -> LOG.log(System.Logger.Level.INFO, "UDP and polling go over NIO: {0}", r));
            return reason;
        }

        private static Optional<String> look() {
            String os = System.getProperty("os.name", "");
            String arch = System.getProperty("os.arch", "");
            if (!os.equals("Linux")) {
                return Optional.of("this is " + os + ", and batched sockets are for Linux");
            }
            if (!ARCHITECTURES.contains(arch) || ValueLayout.ADDRESS.byteSize() != 8) {
                return Optional.of("batched sockets know Linux on " + ARCHITECTURES + ", and this is " + arch);
            }
            Module module = Linux.class.getModule();
            if (!module.isNativeAccessEnabled()) {
                String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
                return Optional.of("native access is not enabled; with --enable-native-access=" + name
                        + " datagrams travel in batches, several times faster");
            }
            return tryEpoll();
        }

        /** A sandbox may have the flag and refuse the calls. */
        private static Optional<String> tryEpoll() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment errno = Libc.newErrno(arena);
                int fd = Libc.epollCreate(errno, 0);
                if (fd < 0) {
                    return Optional.of("epoll_create1 answers " + Errno.name(-fd));
                }
                Libc.close(errno, fd);
                return Optional.empty();
            }
        }
    }
}
