package dev.tokioj.quic.wire;

import java.lang.reflect.Method;

/**
 * The processor's time that this thread has used: what others take meanwhile on a busy machine is no cost of ours. By reflection, so that
 * the module need not require java.management.
 */
public final class CpuTime {
    private static final Object BEAN;
    private static final Method NANOS;

    static {
        try {
            BEAN = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            NANOS = Class.forName("java.lang.management.ThreadMXBean").getMethod("getCurrentThreadCpuTime");
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private CpuTime() {}

    /** Nanoseconds from some begin. */
    public static long nanos() {
        try {
            return (Long) NANOS.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
