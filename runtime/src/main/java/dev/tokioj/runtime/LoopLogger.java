package dev.tokioj.runtime;

import java.text.MessageFormat;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * A logger for code that runs on event loops. What is logged on a loop, by a callback or by a task, goes by the runtime's bounded
 * queue to another thread, which gives it to the logger of that name: the logger may wait for a disk or a lock, a loop may not.
 * If more than 1,024 lines wait, further ones are dropped and counted ({@link RuntimeStats#logLinesDropped}). Off the loops it is
 * the logger itself. Any thread.
 *
 * <p>Whether a level is logged is asked of the logger where the call is made.
 */
public final class LoopLogger implements System.Logger {
    private final System.Logger target;

    private LoopLogger(System.Logger target) {
        this.target = target;
    }

    /** In front of this logger, which {@link System#getLogger} gave to the class that logs: it tells modules apart. */
    public static System.Logger of(System.Logger logger) {
        return new LoopLogger(logger);
    }

    @Override
    public String getName() {
        return target.getName();
    }

    @Override
    public boolean isLoggable(Level level) {
        return target.isLoggable(level);
    }

    @Override
    public void log(
            Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
        EventLoop loop = EventLoop.current();
        if (loop == null) {
            target.log(level, bundle, message, thrown);
        } else if (target.isLoggable(level)) {
            loop.runtime().log().add(target, level, translate(bundle, message), thrown);
        }
    }

    @Override
    public void log(
            Level level,
            @Nullable ResourceBundle bundle,
            @Nullable String format,
            @Nullable Object @Nullable ... params) {
        EventLoop loop = EventLoop.current();
        if (loop == null) {
            target.log(level, bundle, format, params);
        } else if (target.isLoggable(level)) {
            // Formatted here: what the parameters are may have changed by the time the line is written.
            String text = translate(bundle, format);
            boolean plain = params == null || params.length == 0;
            loop.runtime().log().add(target, level, plain ? text : MessageFormat.format(text, params), null);
        }
    }

    private static String translate(@Nullable ResourceBundle bundle, @Nullable String message) {
        return bundle == null || message == null ? String.valueOf(message) : bundle.getString(message);
    }
}
