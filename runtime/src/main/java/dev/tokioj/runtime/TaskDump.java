package dev.tokioj.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a runtime that live, as a tree: a task stands below the one that spawned it (in a {@link TaskGroup} that is who
 * called its {@code spawn}) as long as that one lives, else at the root. Made by {@link AsyncRuntime#dumpTasks}; the tasks go on
 * meanwhile, so each entry is of its own moment. {@link #toString} is for people.
 *
 * @param runtime its name
 * @param tasks in the order of the tree: each is followed by those below it, siblings in the order of spawning
 * @param notListed how many live tasks are not listed: those beside the loops that have not begun (they wait for a thread), and
 *     those of silent loops
 * @param silentLoops loops that did not answer, and so could not say which tasks are theirs
 */
public record TaskDump(String runtime, List<Entry> tasks, int notListed, List<SilentLoop> silentLoops) {
    private static final long PATIENCE_NANOS = 1_000_000_000;
    private static final int PRINTED_FRAMES = 32;

    /**
     * A task.
     *
     * @param id {@link Task#id}
     * @param name {@link Task#name}
     * @param state where it stands
     * @param threadState what its thread does: {@code WAITING} and {@code TIMED_WAITING} when it is parked
     * @param priority on its loop
     * @param placement on a loop or beside it
     * @param where the name of its loop, or of its thread in a pool, "the JDK's scheduler", or "no thread yet"
     * @param age since it was spawned, to the length of a turn
     * @param parentId {@link Task#parentId}
     * @param depth how many tasks it stands below
     * @param stack of its thread, innermost first; empty if it has not begun
     */
    public record Entry(
            long id,
            @Nullable String name,
            TaskState state,
            Thread.State threadState,
            Priority priority,
            Placement placement,
            String where,
            Duration age,
            long parentId,
            int depth,
            List<StackTraceElement> stack) {
        /** The innermost frame that is neither the JDK's nor this package's: what it waits in, or runs. */
        public Optional<StackTraceElement> userFrame() {
            return stack.stream()
                    .filter(frame -> !isJdk(frame) && !inThisPackage(frame))
                    .findFirst();
        }
    }

    /**
     * A loop that did not answer within a second.
     *
     * @param loop its name
     * @param stack of its thread
     */
    public record SilentLoop(String loop, List<StackTraceElement> stack) {}

    private static boolean isJdk(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.startsWith("java.") || name.startsWith("jdk.") || name.startsWith("sun.");
    }

    private static boolean inThisPackage(StackTraceElement frame) {
        String name = frame.getClassName();
        int dot = name.lastIndexOf('.');
        return dot >= 0 && name.substring(0, dot).equals(TaskDump.class.getPackageName());
    }

    static TaskDump of(AsyncRuntime runtime) {
        return of(runtime, PATIENCE_NANOS);
    }

    /** With the time that a loop is given to answer. */
    static TaskDump of(AsyncRuntime runtime, long patienceNanos) {
        EventLoop.checkMayBlock("AsyncRuntime.dumpTasks");
        List<Task<?>> found = new ArrayList<>();
        List<SilentLoop> silent = new ArrayList<>();
        ask(runtime, patienceNanos, found, silent);
        runtime.besideLoops().listTo(found);
        int live = runtime.liveTasks();
        List<Entry> tree = tree(found.stream()
                .filter(task -> !task.isDone())
                .sorted(Comparator.comparingLong(Task::id))
                .toList());
        return new TaskDump(
                runtime.config().name(), List.copyOf(tree), Math.max(0, live - tree.size()), List.copyOf(silent));
    }

    /** The lists of the loops' tasks are the loops': each copies its own. */
    private static void ask(AsyncRuntime runtime, long patienceNanos, List<Task<?>> found, List<SilentLoop> silent) {
        Map<EventLoop, CompletableFuture<List<Task<?>>>> answers = new HashMap<>();
        for (EventLoop loop : runtime.loops()) {
            CompletableFuture<List<Task<?>>> answer = new CompletableFuture<>();
            answers.put(loop, answer);
            loop.execute(() -> {
                List<Task<?>> tasks = new ArrayList<>();
                loop.listTasks(tasks);
                answer.complete(tasks);
            });
        }
        // The machine's clock: a paused one would wait for ever.
        long deadline = Clock.system().nanoTime() + patienceNanos;
        boolean interrupted = false;
        for (EventLoop loop : runtime.loops()) {
            CompletableFuture<List<Task<?>>> answer = answers.get(loop);
            try {
                if (answer != null) {
                    long left = interrupted
                            ? 0
                            : Math.max(0, deadline - Clock.system().nanoTime());
                    found.addAll(answer.get(left, TimeUnit.NANOSECONDS));
                }
            } catch (TimeoutException e) {
                silent.add(new SilentLoop(loop.toString(), List.of(loop.thread().getStackTrace())));
            } catch (InterruptedException e) {
                interrupted = true;
                silent.add(new SilentLoop(loop.toString(), List.of(loop.thread().getStackTrace())));
            } catch (ExecutionException e) {
                throw new IllegalStateException("the loop " + loop + " cannot list its tasks", e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private record Pending(Task<?> task, int depth) {}

    /** Depth first, without recursion: a chain of tasks may be longer than a stack is deep. */
    private static List<Entry> tree(List<Task<?>> tasks) {
        Map<Long, List<Task<?>>> children = new HashMap<>();
        Map<Long, Task<?>> byId = new HashMap<>();
        tasks.forEach(task -> byId.put(task.id(), task));
        List<Task<?>> roots = new ArrayList<>();
        for (Task<?> task : tasks) {
            List<Task<?>> siblings = byId.containsKey(task.parentId())
                    ? children.computeIfAbsent(task.parentId(), _ -> new ArrayList<>())
                    : roots;
            siblings.add(task);
        }
        List<Entry> entries = new ArrayList<>();
        Deque<Pending> ahead = new ArrayDeque<>();
        roots.reversed().forEach(root -> ahead.push(new Pending(root, 0)));
        while (!ahead.isEmpty()) {
            Pending next = ahead.pop();
            entries.add(entry(next.task, next.depth));
            children.getOrDefault(next.task.id(), List.of())
                    .reversed()
                    .forEach(child -> ahead.push(new Pending(child, next.depth + 1)));
        }
        return entries;
    }

    private static Entry entry(Task<?> task, int depth) {
        Thread thread = task.thread();
        String where;
        if (task.placement() == Placement.LOOP) {
            where = task.home().toString();
        } else if (thread == null) {
            where = "no thread yet";
        } else if (!thread.isVirtual()) {
            where = thread.getName();
        } else {
            where = "the JDK's scheduler";
        }
        return new Entry(
                task.id(),
                task.name(),
                task.state(),
                thread == null ? Thread.State.NEW : thread.getState(),
                task.priority(),
                task.placement(),
                where,
                Duration.ofNanos(task.age()),
                task.parentId(),
                depth,
                thread == null ? List.of() : List.of(thread.getStackTrace()));
    }

    /** The tree as text, a line a task and below it the stack of its thread. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(256);
        text.append("Tasks of ")
                .append(runtime)
                .append(": ")
                .append(tasks.size())
                .append(" listed");
        if (notListed > 0) {
            text.append(", ").append(notListed).append(" not (they wait for a thread, or their loop did not answer)");
        }
        for (SilentLoop loop : silentLoops) {
            text.append("\n").append(loop.loop).append(" did not answer; it is held here:");
            stack(text, "", loop.stack);
        }
        for (Entry task : tasks) {
            String indent = "  ".repeat(Math.min(task.depth, 40));
            text.append("\n").append(indent).append("#").append(task.id);
            if (task.name != null) {
                text.append(" '").append(task.name).append("'");
            }
            text.append(" ").append(task.state);
            text.append(", thread ").append(task.threadState);
            text.append(", ").append(task.priority);
            text.append(" on ").append(task.where);
            text.append(", age ").append(task.age.toMillis()).append(" ms");
            if (task.depth == 0 && task.parentId != 0) {
                text.append(", spawned by #").append(task.parentId).append(" that has ended");
            }
            stack(text, indent, task.stack);
        }
        return text.append("\n").toString();
    }

    /** Without the JDK's own steps of parking on top. */
    private static void stack(StringBuilder text, String indent, List<StackTraceElement> stack) {
        int from = 0;
        while (from < stack.size() && isParking(stack.get(from))) {
            from++;
        }
        int to = Math.min(stack.size(), from + PRINTED_FRAMES);
        for (StackTraceElement frame : stack.subList(from, to)) {
            text.append("\n").append(indent).append("    at ").append(frame);
        }
        if (to < stack.size()) {
            text.append("\n")
                    .append(indent)
                    .append("    ... ")
                    .append(stack.size() - to)
                    .append(" more");
        }
    }

    private static boolean isParking(StackTraceElement frame) {
        String name = frame.getClassName();
        return name.startsWith("jdk.internal.")
                || name.startsWith("java.lang.VirtualThread")
                || name.startsWith("java.lang.System$")
                || name.equals("java.util.concurrent.locks.LockSupport");
    }
}
