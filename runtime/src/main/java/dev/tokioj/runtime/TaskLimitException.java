package dev.tokioj.runtime;

import java.io.Serial;
import java.util.concurrent.RejectedExecutionException;

/** A task was refused before it existed, because a setting of {@link RuntimeConfig} allows no more. */
public final class TaskLimitException extends RejectedExecutionException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String setting;
    private final int limit;

    TaskLimitException(String setting, int limit, String what) {
        super("the task was refused: " + what + ", which is RuntimeConfig." + setting);
        this.setting = setting;
        this.limit = limit;
    }

    /** The name of the setting: {@code maxTasks}, {@code blockingQueue} or {@code computeQueue}. */
    public String setting() {
        return setting;
    }

    /** What it allows. For tasks that are not urgent, {@code maxTasks} less the reserve. */
    public int limit() {
        return limit;
    }
}
