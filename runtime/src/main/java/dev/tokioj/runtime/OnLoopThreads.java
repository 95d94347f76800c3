package dev.tokioj.runtime;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one place that knows how JDK 25 makes a virtual thread with a scheduler of ours: all the reflection of the runtime.
 *
 * <p>Three things of {@code java.lang} are used, through method handles that a JIT folds away:
 *
 * <ul>
 *   <li>{@code ThreadBuilders.newVirtualThread(Executor, String, int, Runnable)} makes the thread; its continuation is given
 *       to the executor whenever it can run.
 *   <li>{@code Thread.currentCarrierThread()} says on which platform thread we are: inside a virtual thread, and also in the
 *       executor, {@code Thread.currentThread()} is the virtual one. About 7 ns.
 *   <li>{@code VirtualThread.defaultScheduler()}: a virtual thread made inside one of ours would inherit its scheduler, so
 *       who wants to leave the loop says where to.
 * </ul>
 *
 * <p>They can be reached only where {@code java.lang} is opened to this module ({@code --add-opens
 * java.base/java.lang=dev.tokioj.runtime}, {@code =ALL-UNNAMED} on the class path, or the manifest of a {@code java -jar}).
 * Where it is not, or where a trial run shows that a later JDK behaves differently, {@link #unavailable()} says why and the
 * runtime places every task on the JDK's scheduler.
 */
final class OnLoopThreads {
    private static final System.Logger LOG = LoopLogger.of(System.getLogger(OnLoopThreads.class.getName()));

    private static final @Nullable MethodHandle NEW_THREAD;
    private static final @Nullable MethodHandle CARRIER;
    private static final @Nullable Executor JDK_SCHEDULER;
    /** Why the three are missing. */
    private static final @Nullable String MISSING;

    private static final AtomicBoolean SAID = new AtomicBoolean();

    /** Whether threads on loops may have been made: before that nothing can inherit their scheduler. */
    private static volatile boolean tried;

    static {
        MethodHandle newThread = null;
        MethodHandle carrier = null;
        Executor jdkScheduler = null;
        String missing = notOpened();
        if (missing == null) {
            try {
                MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
                newThread = lookup.findStatic(
                        lookup.findClass("java.lang.ThreadBuilders"),
                        "newVirtualThread",
                        MethodType.methodType(Thread.class, Executor.class, String.class, int.class, Runnable.class));
                carrier = lookup.findStatic(Thread.class, "currentCarrierThread", MethodType.methodType(Thread.class));
                jdkScheduler = (Executor) lookup.findStatic(
                                lookup.findClass("java.lang.VirtualThread"),
                                "defaultScheduler",
                                MethodType.methodType(Executor.class))
                        .invokeExact();
            } catch (Throwable e) {
                missing = "this JDK (" + Runtime.version() + ") makes virtual threads differently: " + e;
            }
        }
        boolean found = missing == null;
        NEW_THREAD = found ? newThread : null;
        CARRIER = found ? carrier : null;
        JDK_SCHEDULER = found ? jdkScheduler : null;
        MISSING = missing;
    }

    /** A class of its own: the trial runs code of the outer class on other threads, which would wait for its initialiser. */
    private static final class Proof {
        static final @Nullable String UNAVAILABLE = prove();
    }

    private OnLoopThreads() {}

    private static @Nullable String notOpened() {
        Module ours = OnLoopThreads.class.getModule();
        if (Object.class.getModule().isOpen("java.lang", ours)) {
            return null;
        }
        return "java.lang is not opened; start with --add-opens java.base/java.lang="
                + (ours.isNamed() ? ours.getName() : "ALL-UNNAMED");
    }

    private static @Nullable String prove() {
        if (NEW_THREAD == null || CARRIER == null || JDK_SCHEDULER == null) {
            return MISSING;
        }
        tried = true;
        try {
            new Trial(NEW_THREAD, CARRIER).run();
            primePollers(NEW_THREAD, JDK_SCHEDULER);
            return null;
        } catch (RuntimeException e) {
            return "this JDK (" + Runtime.version() + ") schedules virtual threads differently: " + e;
        }
    }

    /** Why tasks cannot run on loops here; null: they can. The first call tries it out (some milliseconds). */
    static @Nullable String unavailable() {
        return Proof.UNAVAILABLE;
    }

    /** Logs, once a process, that tasks asked for on loops run elsewhere. */
    static void sayUnavailableOnce() {
        String why = unavailable();
        if (why != null && SAID.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "Tasks run on the JDK's scheduler instead of the event loops (slower wake-ups, no priorities): "
                            + why);
        }
    }

    /** The platform thread we run on. */
    static Thread carrier() {
        if (CARRIER == null) {
            // Nothing of ours is ever mounted on a loop then.
            return Thread.currentThread();
        }
        try {
            return (Thread) CARRIER.invokeExact();
        } catch (Throwable e) {
            throw new IllegalStateException("Thread.currentCarrierThread failed after it was tried", e);
        }
    }

    /** An unstarted virtual thread scheduled by {@code scheduler}. Only if available. */
    static Thread onLoop(TaskExecutor scheduler, @Nullable String name, Runnable body) {
        if (NEW_THREAD == null) {
            throw new IllegalStateException("on-loop threads are not available: " + MISSING);
        }
        return newThread(NEW_THREAD, scheduler, name, body);
    }

    /** An unstarted virtual thread of the JDK's scheduler, also when called on a loop. */
    static Thread shared(@Nullable String name, Runnable body) {
        // Not before: the trial costs some milliseconds, and the pollers that it starts hold up the end of the process.
        if (tried && NEW_THREAD != null && JDK_SCHEDULER != null && unavailable() == null) {
            return newThread(NEW_THREAD, JDK_SCHEDULER, name, body);
        }
        Thread.Builder builder = Thread.ofVirtual();
        return (name == null ? builder : builder.name(name)).unstarted(body);
    }

    private static Thread newThread(MethodHandle maker, Executor scheduler, @Nullable String name, Runnable body) {
        String nameOrNone = name == null ? "" : name;
        try {
            return (Thread) maker.invokeExact(scheduler, nameOrNone, 0, body);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("ThreadBuilders.newVirtualThread failed after it was tried", e);
        }
    }

    /**
     * Starts the JDK's poller threads on the JDK's scheduler. They are made by the first virtual thread that blocks on a JDK
     * socket and inherit its scheduler: were it one of ours, the socket reads of the whole process would hang whenever that
     * loop stops. An accept that times out is such a wait.
     */
    private static void primePollers(MethodHandle maker, Executor jdkScheduler) {
        Thread primer = newThread(maker, jdkScheduler, "tokioj-prime-pollers", () -> {
            try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                listener.setSoTimeout(1);
                try (Socket unexpected = listener.accept()) {
                    LOG.log(System.Logger.Level.DEBUG, "somebody connected while pollers were primed: {0}", unexpected);
                }
            } catch (SocketTimeoutException e) {
                LOG.log(System.Logger.Level.TRACE, "the JDK's pollers run");
            } catch (IOException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The JDK's socket pollers could not be started ahead; set -Djdk.pollerMode=1 if tasks on event"
                                + " loops use JDK sockets",
                        e);
            }
        });
        runToTheEnd(primer);
    }

    private static void runToTheEnd(Thread thread) {
        thread.start();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** One thread of ours is made, run, parked, woken and ended, by hand: if a step fails, this JDK is not the one we know. */
    private static final class Trial implements Runnable {
        private final MethodHandle maker;
        private final MethodHandle carrier;
        private final Queue<Runnable> submitted = new ArrayDeque<>();
        private @Nullable Thread seenThread;
        private @Nullable Thread seenCarrier;
        private int steps;

        Trial(MethodHandle maker, MethodHandle carrier) {
            this.maker = maker;
            this.carrier = carrier;
        }

        @Override
        public void run() {
            // A continuation may only be run by a platform thread.
            Thread platform = Thread.ofPlatform().name("tokioj-trial").unstarted(this::drive);
            Throwable[] failure = new Throwable[1];
            platform.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
            runToTheEnd(platform);
            if (failure[0] != null) {
                throw new IllegalStateException(failure[0]);
            }
        }

        private void drive() {
            Thread thread = newThread(maker, (Executor) submitted::add, "tokioj-trial", this::body);
            thread.start();
            check(submitted.size() == 1 && steps == 0, "start() submits once");
            submitted.remove().run();
            check(steps == 1 && submitted.isEmpty(), "the body runs until it parks");
            check(seenThread == thread, "the body is in its own thread");
            check(seenCarrier == Thread.currentThread(), "the carrier is who ran the continuation");
            LockSupport.unpark(thread);
            check(submitted.size() == 1 && steps == 1, "unpark submits once");
            submitted.remove().run();
            check(steps == 2 && submitted.isEmpty() && thread.getState() == Thread.State.TERMINATED, "it ends");
        }

        private void body() {
            seenThread = Thread.currentThread();
            try {
                seenCarrier = (Thread) carrier.invokeExact();
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
            steps++;
            LockSupport.park(this);
            steps++;
        }

        private static void check(boolean holds, String what) {
            if (!holds) {
                throw new IllegalStateException("expected: " + what);
            }
        }
    }
}
