package dev.tokioj.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.tokioj.runtime.Combination#available")
@Timeout(30)
class TaskGroupTest extends TaskFixture {
    TaskGroupTest(Combination combination) {
        super(combination);
    }

    private static void park() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    @Test
    void waitsForAll() throws Exception {
        int sum = runtime.spawn(() -> {
                    try (TaskGroup group = TaskGroup.failFast()) {
                        Task<Integer> a = group.spawn(() -> {
                            TokioJ.sleep(Duration.ofMillis(5));
                            return 1;
                        });
                        Task<Integer> b = group.spawn(() -> 2);
                        group.join();
                        return a.result() + b.result();
                    }
                })
                .join();
        assertEquals(3, sum);
    }

    @Test
    void theFirstFailureCancelsTheRestAndIsThrown() throws Exception {
        IOException cause = new IOException("x");
        AtomicInteger interrupted = new AtomicInteger();
        IOException thrown = assertThrows(
                IOException.class,
                () -> runtime.spawn(() -> {
                            try (TaskGroup group = TaskGroup.failFast()) {
                                CountDownLatch parked = new CountDownLatch(3);
                                for (int i = 0; i < 3; i++) {
                                    group.spawn(() -> {
                                        parked.countDown();
                                        try {
                                            park();
                                        } catch (InterruptedException e) {
                                            interrupted.incrementAndGet();
                                            throw e;
                                        }
                                    });
                                }
                                group.spawn((ThrowingRunnable) () -> {
                                    parked.await();
                                    throw cause;
                                });
                                group.join();
                                return 0;
                            }
                        })
                        .join());
        assertSame(cause, thrown);
        assertEquals(3, interrupted.get());
    }

    @Test
    void nothingOutlivesTheBlock() throws Exception {
        List<Task<?>> tasks = new ArrayList<>();
        assertThrows(IllegalStateException.class, () -> {
            try (TaskGroup group = TaskGroup.failFast(runtime)) {
                for (int i = 0; i < 20; i++) {
                    tasks.add(group.spawn(TaskGroupTest::park));
                }
                throw new IllegalStateException("left early");
            }
        });
        for (Task<?> task : tasks) {
            assertEquals(TaskState.CANCELLED, task.state());
        }
    }

    @Test
    void aCollectingGroupLetsThemEndAndKeepsTheirFailures() throws Exception {
        Task<Integer> slow;
        try (TaskGroup group = TaskGroup.collect(runtime)) {
            slow = group.spawn(() -> {
                TokioJ.sleep(Duration.ofMillis(20));
                return 4;
            });
            for (int i = 0; i < 100; i++) {
                int number = i;
                group.spawn((ThrowingRunnable) () -> {
                    throw new IOException("x" + number);
                });
            }
            Task<Integer> sibling = group.spawn(() -> 5);
            group.join();
            assertEquals(5, sibling.result());
            assertEquals(100, group.failureCount());
            assertEquals(64, group.failures().size(), "a group that lives for days keeps only so many");
        }
        assertEquals(4, slow.result());
        Task<Integer> another;
        try (TaskGroup group = TaskGroup.collect(runtime)) {
            another = group.spawn(() -> {
                TokioJ.sleep(Duration.ofMillis(20));
                return 4;
            });
        }
        assertEquals(4, another.result(), "close waits without a join");
    }

    @Test
    void cancellingTheOwnerCancelsACollectingGroup() throws Exception {
        CountDownLatch parked = new CountDownLatch(2);
        List<Task<?>> children = new ArrayList<>();
        Task<@Nullable Void> owner = runtime.spawn(() -> {
            try (TaskGroup group = TaskGroup.collect()) {
                for (int i = 0; i < 2; i++) {
                    children.add(group.spawn(() -> {
                        parked.countDown();
                        park();
                    }));
                }
                park();
            }
        });
        parked.await();
        assertTrue(owner.cancel());
        assertThrows(CancellationException.class, owner::join);
        for (Task<?> child : children) {
            assertEquals(TaskState.CANCELLED, child.state());
        }
    }

    @Test
    void anInterruptWhileClosingCancelsAndStays() throws Exception {
        CountDownLatch inBlock = new CountDownLatch(1);
        Task<Boolean> owner = runtime.spawn(() -> {
            try (TaskGroup group = TaskGroup.collect()) {
                group.spawn(TaskGroupTest::park);
                inBlock.countDown();
            }
            return Thread.currentThread().isInterrupted();
        });
        inBlock.await();
        owner.cancel();
        assertTrue(owner.join());
    }

    @Test
    void joinWithATimeout() throws Exception {
        try (TaskGroup group = TaskGroup.failFast(runtime)) {
            group.spawn(TaskGroupTest::park);
            TimeoutException e = assertThrows(TimeoutException.class, () -> group.join(Duration.ofMillis(5)));
            assertTrue(String.valueOf(e.getMessage()).contains("1 tasks"), e.getMessage());
        }
    }

    @Test
    void onlyTheOwnerJoinsAndNobodySpawnsIntoAClosedGroup() throws Exception {
        TaskGroup group = TaskGroup.collect(runtime);
        Task<@Nullable Void> stranger = runtime.spawn(group::close);
        assertThrows(IllegalStateException.class, stranger::join);
        group.close();
        group.close();
        assertThrows(IllegalStateException.class, () -> group.spawn(() -> 1));
        group.join();
    }

    @Test
    void childrenInheritPlacementAndPriorityAndMaySpawnSiblings() throws Exception {
        Task<?> child = runtime.spawn(
                        SpawnOptions.DEFAULT.placement(Placement.SHARED).priority(Priority.URGENT), () -> {
                            try (TaskGroup group = TaskGroup.failFast()) {
                                Task<Task<Integer>> parent = group.spawn(() -> group.spawn(() -> 1));
                                group.join();
                                assertEquals(1, parent.result().result());
                                return parent;
                            }
                        })
                .join();
        assertEquals(Placement.SHARED, child.placement());
        assertEquals(Priority.URGENT, child.priority());
    }

    @Test
    void aGroupThatServesForLongKeepsNothingOfWhatEnded() throws Exception {
        try (TaskGroup group = TaskGroup.collect(runtime)) {
            for (int i = 0; i < 5_000; i++) {
                group.spawn(() -> 1);
            }
            group.join();
            assertEquals(0, group.live());
        }
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void closeEndsAlsoWhatIsSpawnedMeanwhile() throws Exception {
        for (int round = 0; round < 50; round++) {
            TaskGroup group = TaskGroup.failFast(runtime);
            CountDownLatch spawning = new CountDownLatch(1);
            Thread spawner = Thread.ofPlatform().start(() -> {
                while (true) {
                    try {
                        group.spawn(TaskGroupTest::park);
                    } catch (IllegalStateException closed) {
                        return;
                    }
                    spawning.countDown();
                }
            });
            spawning.await();
            group.close();
            spawner.join();
            assertEquals(0, group.live());
        }
    }
}
