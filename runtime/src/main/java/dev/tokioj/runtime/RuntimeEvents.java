package dev.tokioj.runtime;

import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * What the JDK's Flight Recorder is told. It may be absent (the module {@code jdk.jfr} is needed at compile time alone), and
 * initialising an event's class starts the recorder, which costs hundreds of milliseconds: so no event's class is touched before
 * somebody else has started it, and then a thread of its own initialises them, because a loop must not wait in an initialiser.
 */
final class RuntimeEvents {
    /** Later timers are told of, ns. */
    static final long LATE = 10_000_000;

    private static final AtomicBoolean PREPARING = new AtomicBoolean();
    private static volatile boolean ready;

    /** Apart, so that this class can be used where {@code jdk.jfr} is absent. */
    private static final class Recorder {
        static final boolean PRESENT = present();

        private static boolean present() {
            Module ours = RuntimeEvents.class.getModule();
            return ModuleLayer.boot().findModule("jdk.jfr").map(ours::canRead).orElse(false);
        }

        static boolean isInitialized() {
            return FlightRecorder.isInitialized();
        }
    }

    /** A task ran. Its duration is from its body's beginning to its end, waits included. */
    @Name("dev.tokioj.Task")
    @Label("Task")
    @Category("TokioJ")
    @Description("A task from the beginning of its body to its end")
    @Threshold("10 ms")
    @StackTrace(false)
    static final class TaskRan extends Event {
        @Label("Number")
        long task;

        @Label("Name")
        @Nullable String name;

        @Label("Parent's Number")
        long parent;

        @Label("Priority")
        @Nullable String priority;

        @Label("Placement")
        @Nullable String placement;

        @Label("Loop")
        @Nullable String loop;

        @Label("Queue Time")
        @Description("From the spawn to the beginning of the body")
        @Timespan(Timespan.NANOSECONDS)
        long queueTime;

        @Label("Outcome")
        @Nullable String outcome;
    }

    /** A turn holds its loop too long. */
    @Name("dev.tokioj.Stall")
    @Label("Event Loop Stall")
    @Category("TokioJ")
    @Description("One turn holds an event loop longer than RuntimeConfig.stallThreshold")
    @StackTrace(false)
    static final class Stalled extends Event {
        @Label("Loop")
        @Nullable String loop;

        @Label("Held By")
        @Nullable String heldBy;

        @Label("Held For")
        @Timespan(Timespan.NANOSECONDS)
        long heldFor;

        @Label("Report")
        @Description("What the log says: the stack of what runs, and the remedy")
        @Nullable String report;
    }

    /** A timer fired late. */
    @Name("dev.tokioj.TimerLateness")
    @Label("Late Timer")
    @Category("TokioJ")
    @Description("A timer fired more than 10 ms after its deadline")
    @StackTrace(false)
    static final class TimerLate extends Event {
        @Label("Loop")
        @Nullable String loop;

        @Label("Late By")
        @Timespan(Timespan.NANOSECONDS)
        long lateness;
    }

    /** A loop looked at the network: its wait, if it waited, and the I/O handlers. */
    @Name("dev.tokioj.Poll")
    @Label("Poll")
    @Category("TokioJ")
    @Description("An event loop waited for the network and ran the handlers of what was ready")
    @Threshold("10 ms")
    @StackTrace(false)
    static final class Polled extends Event {
        @Label("Loop")
        @Nullable String loop;

        @Label("Events")
        @Description("I/O handlers called")
        int events;

        @Label("Longest Wait Allowed")
        @Timespan(Timespan.NANOSECONDS)
        long timeout;
    }

    private RuntimeEvents() {}

    /** Whether events can be made: the recorder has been started by somebody and knows them. */
    static boolean areOn() {
        if (ready) {
            return true;
        }
        if (Recorder.PRESENT && Recorder.isInitialized() && PREPARING.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("tokioj-events").start(RuntimeEvents::prepare);
        }
        return false;
    }

    /** Where a runtime starts, off its loops: has a recording that runs already hear of everything. */
    static void atStart() {
        if (Recorder.PRESENT && Recorder.isInitialized()) {
            PREPARING.set(true);
            prepare();
        }
    }

    private static void prepare() {
        for (Event event : new Event[] {new TaskRan(), new Stalled(), new TimerLate(), new Polled()}) {
            event.shouldCommit();
        }
        ready = true;
    }

    /** A task's body begins, in its thread. Null: nobody records. To be given to {@link #taskEnds}. */
    static @Nullable Object taskBegins() {
        return areOn() ? begunTask() : null;
    }

    private static Object begunTask() {
        TaskRan event = new TaskRan();
        event.begin();
        return event;
    }

    /** A task's body ended, in its thread. */
    static void taskEnds(@Nullable Object begun, Task<?> task, long queueNanos) {
        if (begun == null) {
            return;
        }
        TaskRan event = (TaskRan) begun;
        event.end();
        if (event.shouldCommit()) {
            event.task = task.id();
            event.name = task.name();
            event.parent = task.parentId();
            event.priority = task.priority().name();
            event.placement = task.placement().name();
            event.loop = task.placement() == Placement.LOOP ? task.home().toString() : null;
            event.queueTime = queueNanos;
            event.outcome = task.state().name();
            event.commit();
        }
    }

    /** The detector's thread: a loop is held. */
    static void stalled(EventLoop loop, String heldBy, long nanos, String report) {
        if (areOn()) {
            Stalled event = new Stalled();
            event.loop = loop.toString();
            event.heldBy = heldBy;
            event.heldFor = nanos;
            event.report = report;
            event.commit();
        }
    }

    /** The loop: a timer fires this much after its deadline, ns. */
    static void timerFires(EventLoop loop, long late) {
        if (late > LATE && areOn()) {
            TimerLate event = new TimerLate();
            event.loop = loop.toString();
            event.lateness = late;
            event.commit();
        }
    }

    /** The loop is about to poll. Null: nobody records. To be given to {@link #polled}. */
    static @Nullable Object polls() {
        return areOn() ? begunPoll() : null;
    }

    private static Object begunPoll() {
        Polled event = new Polled();
        event.begin();
        return event;
    }

    /** The loop has polled. */
    static void polled(@Nullable Object begun, EventLoop loop, int events, long timeout) {
        if (begun == null) {
            return;
        }
        Polled event = (Polled) begun;
        event.end();
        if (event.shouldCommit()) {
            event.loop = loop.toString();
            event.events = events;
            event.timeout = timeout;
            event.commit();
        }
    }
}
