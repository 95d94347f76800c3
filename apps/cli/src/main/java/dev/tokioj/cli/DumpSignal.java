package dev.tokioj.cli;

import dev.tokioj.runtime.AsyncRuntime;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * SIGUSR1 prints what a runtime has done and what its tasks wait for. SIGQUIT is the JVM's own, for its thread dump, and SIGUSR2
 * it uses to stop threads.
 *
 * <p>{@code sun.misc.Signal} is exported and supported by {@code jdk.unsupported}, and nothing else hears a signal; but javac
 * has a warning for its name that nothing suppresses, so the two classes are looked up by theirs.
 */
final class DumpSignal {
    static final String NAME = "USR1";

    private DumpSignal() {}

    /**
     * From now on, until another takes the signal.
     *
     * @return whether there is such a signal here (not on Windows)
     */
    static boolean install(AsyncRuntime runtime, PrintWriter out) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object print =
                Proxy.newProxyInstance(DumpSignal.class.getClassLoader(), new Class<?>[] {handler}, (_, _, _) -> {
                    out.println(runtime.stats().total());
                    out.print(runtime.dumpTasks());
                    out.flush();
                    return null;
                });
        try {
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(NAME), print);
            return true;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException) {
                // The system does not know it, or the JVM keeps it for itself: nothing else depends on it.
                return false;
            }
            throw e;
        }
    }
}
