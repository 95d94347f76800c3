package dev.tokioj.runtime;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** How many bytes the calling platform thread has allocated so far, by the JDK's own count. */
final class Allocated {
    private static final Object THREADS;
    private static final Method BYTES;

    static {
        try {
            // By name: the module of this test does not require jdk.management.
            THREADS = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            BYTES = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Allocated() {}

    static long bytes() {
        try {
            return (long) BYTES.invoke(THREADS);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
