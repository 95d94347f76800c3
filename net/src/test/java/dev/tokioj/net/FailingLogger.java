package dev.tokioj.net;

import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** A class's logger that throws whatever it is told, as a user's may. By reflection: the module does not read java.logging. */
final class FailingLogger implements AutoCloseable {
    private final Class<?> filters = Class.forName("java.util.logging.Filter");
    private final Class<?> loggers = Class.forName("java.util.logging.Logger");
    private final Object logger;

    FailingLogger(Class<?> of) throws ReflectiveOperationException {
        logger = loggers.getMethod("getLogger", String.class).invoke(null, of.getName());
        filter(Proxy.newProxyInstance(FailingLogger.class.getClassLoader(), new Class<?>[] {filters}, (_, _, _) -> {
            throw new IllegalStateException("meant to");
        }));
    }

    private void filter(@Nullable Object filter) throws ReflectiveOperationException {
        loggers.getMethod("setFilter", filters).invoke(logger, filter);
    }

    @Override
    public void close() throws ReflectiveOperationException {
        filter(null);
    }
}
