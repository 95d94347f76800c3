package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(60)
class TaskDumpTest {
    private final Combination combination;

    TaskDumpTest(Combination combination) {
        this.combination = combination;
    }

    private static void parkHere(CountDownLatch parked) {
        parked.countDown();
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
        }
    }

    private static TaskDump.Entry named(TaskDump dump, String name) {
        return dump.tasks().stream()
                .filter(task -> name.equals(task.name()))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + dump));
    }

    /** A dump in which everybody waits: the last step of parking may still be under way. */
    private static TaskDump parked(AsyncRuntime runtime, int tasks) {
        while (true) {
            TaskDump dump = runtime.dumpTasks();
            if (dump.tasks().size() == tasks
                    && dump.tasks().stream().allMatch(task -> task.threadState() == Thread.State.WAITING)) {
                return dump;
            }
        }
    }

    @Test
    void showsTheTreeAndWhereEachIsParked() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(
                combination.config().drainTimeout(Duration.ZERO).build())) {
            CountDownLatch parked = new CountDownLatch(4);
            Task<?> parent = runtime.spawn("parent", () -> {
                try (TaskGroup group = TaskGroup.collect()) {
                    group.spawn(SpawnOptions.DEFAULT.named("first").priority(Priority.URGENT), () -> {
                        TokioJ.spawn("grandchild", () -> parkHere(parked));
                        parkHere(parked);
                    });
                    group.spawn(SpawnOptions.DEFAULT.named("second"), () -> parkHere(parked));
                    parked.countDown();
                    group.join();
                }
            });
            parked.await();
            TaskDump dump = parked(runtime, 4);
            assertEquals(
                    List.of("parent", "first", "grandchild", "second"),
                    dump.tasks().stream().map(TaskDump.Entry::name).toList());
            assertEquals(
                    List.of(0, 1, 2, 1),
                    dump.tasks().stream().map(TaskDump.Entry::depth).toList());
            TaskDump.Entry first = named(dump, "first");
            assertEquals(parent.id(), first.parentId());
            assertEquals(Priority.URGENT, first.priority());
            assertEquals(TaskState.RUNNING, first.state());
            assertEquals(runtime.placement(), first.placement());
            assertTrue(first.age().toNanos() > 0);
            assertTrue(
                    first.stack().stream()
                            .anyMatch(frame -> frame.getMethodName().equals("parkHere")),
                    dump::toString);
            assertEquals(
                    combination.onLoop(),
                    first.where().equals("tokioj-loop-0") || first.where().equals("tokioj-loop-1"));
            assertEquals(0, dump.notListed());
            String text = dump.toString();
            for (String part : List.of(
                    "Tasks of tokioj: 4 listed",
                    "#" + parent.id() + " 'parent' RUNNING, thread WAITING, NORMAL on ",
                    "\n    #" + named(dump, "grandchild").id() + " 'grandchild'",
                    "TaskDumpTest.parkHere")) {
                assertTrue(text.contains(part), "no '" + part + "' in: " + text);
            }
            // The child of one that has ended stands at the root, and says so.
            Task<?> orphan = runtime.spawn("quick", () -> TokioJ.spawn("orphan", () -> parkHere(parked)))
                    .join();
            assertEquals(0, named(parked(runtime, 5), "orphan").depth());
            assertTrue(runtime.dumpTasks().toString().contains("'orphan'"));
            assertTrue(runtime.dumpTasks().toString().contains("that has ended"));
            orphan.cancel();
        }
    }

    @Test
    void fromATaskItShowsThatTaskToo() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            TaskDump dump = runtime.spawn("asker", runtime::dumpTasks).join();
            TaskDump.Entry asker = named(dump, "asker");
            assertTrue(asker.stack().stream()
                    .anyMatch(frame -> frame.getMethodName().equals("dumpTasks")));
            assertEquals(1, dump.tasks().size());
        }
    }

    @Test
    void aBlockingTaskIsInItsPoolsThread() throws Exception {
        try (AsyncRuntime runtime =
                AsyncRuntime.start(combination.config().blockingThreads(1).build())) {
            CountDownLatch parked = new CountDownLatch(1);
            Task<?> running = runtime.spawnBlocking(() -> parkHere(parked));
            parked.await();
            Task<?> queued = runtime.spawnBlocking(() -> 1);
            TaskDump dump = runtime.dumpTasks();
            assertEquals(2, dump.tasks().size());
            assertEquals("tokioj-blocking-0", dump.tasks().get(0).where());
            assertEquals("no thread yet", dump.tasks().get(1).where());
            assertEquals(TaskState.CREATED, dump.tasks().get(1).state());
            assertEquals(0, dump.notListed());
            queued.cancel();
            running.cancel();
        }
    }

    @Test
    void namesALoopThatDoesNotAnswer() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            runtime.loops().get(1).execute(() -> holdTheLoop(held, release));
            held.await();
            TaskDump dump = TaskDump.of(runtime, 1_000_000_000); // in which the other loop does answer
            release.countDown();
            assertEquals(1, dump.silentLoops().size());
            assertEquals("tokioj-loop-1", dump.silentLoops().get(0).loop());
            assertTrue(dump.toString().contains("tokioj-loop-1 did not answer"), dump::toString);
            assertTrue(dump.toString().contains("holdTheLoop"), dump::toString);
        }
    }

    private static void holdTheLoop(CountDownLatch held, CountDownLatch release) {
        held.countDown();
        while (release.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aCallbackMustNotAsk() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            CompletableFuture<Object> outcome = new CompletableFuture<>();
            runtime.loops().get(0).execute(() -> {
                try {
                    outcome.complete(runtime.dumpTasks());
                } catch (IllegalStateException e) {
                    outcome.complete(e);
                }
            });
            assertInstanceOf(IllegalStateException.class, outcome.get(20, TimeUnit.SECONDS));
        }
    }

    /** Numbers, not references: neither does a parent keep its children that have ended, nor a child its parent. */
    @Test
    void nobodyKeepsWhatHasEnded() throws Exception {
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            CountDownLatch parked = new CountDownLatch(1);
            CompletableFuture<Task<?>> living = new CompletableFuture<>();
            WeakReference<Task<?>> parent = new WeakReference<>(runtime.spawn("parent", () -> {
                living.complete(TokioJ.spawn("child", () -> {
                    WeakReference<Task<?>> ended = new WeakReference<>(TokioJ.spawn("ended", () -> 1));
                    collected(ended);
                    parkHere(parked);
                }));
            }));
            collected(parent);
            parked.await();
            assertEquals(1, runtime.dumpTasks().tasks().size());
            living.get().cancel();
        }
    }

    private static void collected(WeakReference<Task<?>> task) throws InterruptedException {
        while (task.get() != null) {
            System.gc();
            TokioJ.sleep(Duration.ofMillis(1));
        }
    }

    /** Thousands of tasks, each spawned by the one before it: no recursion, and nobody is disturbed by having his stack taken. */
    @Test
    void aLongChainIsListedAndGoesOn() throws Exception {
        int length = 3000;
        try (AsyncRuntime runtime = AsyncRuntime.start(combination.config().build())) {
            CountDownLatch begun = new CountDownLatch(length);
            CountDownLatch release = new CountDownLatch(1);
            Task<?> root = runtime.spawn(() -> link(length, begun, release));
            begun.await();
            for (int i = 0; i < 3; i++) {
                TaskDump dump = runtime.dumpTasks();
                assertEquals(length, dump.tasks().size());
                assertEquals(length - 1, dump.tasks().get(length - 1).depth());
            }
            release.countDown();
            root.join();
            while (runtime.liveTasks() > 0) {
                Thread.onSpinWait();
            }
            assertEquals(0, runtime.dumpTasks().tasks().size());
            assertEquals(length, runtime.stats().tasksCompleted());
        }
    }

    private static void link(int left, CountDownLatch begun, CountDownLatch release) throws Exception {
        begun.countDown();
        if (left == 1) {
            release.await();
        } else {
            TokioJ.spawn(() -> link(left - 1, begun, release)).join();
        }
    }
}
