package dev.tokioj.runtime;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread that never waits for anything but the network, the mailbox and the next timer. It repeats one turn:
 *
 * <ol>
 *   <li>wait (if there is nothing to do) and run the handlers of what is ready on the network;
 *   <li>deliver the mail: callbacks from other threads, and tasks that became runnable;
 *   <li>fire the timers that are due;
 *   <li>run tasks, by {@link Priority}, and deliver the mail that they sent;
 *   <li>flush: what was registered with {@link #atTurnEnd}.
 * </ol>
 *
 * <p>Each step is bounded ({@link RuntimeConfig#maxTasksPerTick}); what exceeds it is next in the following turn, which then
 * does not wait. The clock is read once a turn, and once more before the loop sleeps.
 *
 * <p>A <em>callback</em> (a handler, a mailed runnable, a timer, a flush) runs on the loop's own thread and must not wait:
 * waiting calls of this library throw {@link IllegalStateException} there, and a lock held by a task that is parked on the
 * loop would hang it for ever. A <em>task</em> is a virtual thread on top of the loop and may wait as it likes. What a
 * callback throws is logged; nothing it throws ends the loop.
 */
public final class EventLoop {
    private enum Phase {
        /** Made, not yet started, or running. */
        OPEN,
        /** Told to end. */
        STOPPING,
        /** Its thread has left; what still arrives is run by the drain thread. */
        ENDED
    }

    private static final class Callback extends Mailbox.Entry {
        private final Runnable body;

        Callback(Runnable body) {
            this.body = body;
        }

        @Override
        protected void deliver() {
            body.run();
        }
    }

    private static final VarHandle RUNNING;

    static {
        try {
            RUNNING = MethodHandles.lookup().findVarHandle(EventLoop.class, "running", Run.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AsyncRuntime runtime;
    private final int index;
    private final Clock clock;
    private final Poller poller;
    private final LoopThread thread;
    private final LoopLog log;
    private final Waiting waiting;
    private final int perTick;
    private final long pollNanos;
    private final long spinNanos;

    // Any thread.
    private final Mailbox mailbox = new Mailbox();
    private volatile Phase phase = Phase.OPEN;
    /** How many threads are between "this loop must be woken" and having done it: the poller is closed after they left. */
    private final AtomicInteger waking = new AtomicInteger();
    /** Who runs us: the loop's thread, later the drain thread. */
    private volatile Thread owner;
    // Written by the loop, read by whoever asks.
    private final AtomicLong turns = new AtomicLong();
    private final AtomicLong sleeps = new AtomicLong();
    /** Since when the present turn holds the thread, on the machine's clock; 0 while the loop waits. For the stall detector. */
    private final AtomicLong busySince = new AtomicLong();

    /** What runs just now. */
    @SuppressWarnings("unused") // written through RUNNING
    private volatile @Nullable Run running;

    // The loop's own.
    private final TimerWheel wheel;
    /** Kept, so that a turn makes no closure. */
    private final Consumer<Timer> fireTimer = this::fire;

    private final Consumer<Runnable> runFlush = this::runFlush;
    private final ReadyQueue ready = new ReadyQueue();
    private Mailbox.@Nullable Entry mail;
    private final Flushes flushes = new Flushes();
    private final List<Runnable> closers = new ArrayList<>();
    private final LoopTasks tasks = new LoopTasks();
    final LoopIo io = new LoopIo(this);
    private long now;
    private boolean nowIsKnown;
    private long idleSince;
    private boolean idle;
    private int failuresInARow;

    EventLoop(AsyncRuntime runtime, int index, Poller poller) {
        RuntimeConfig config = runtime.config();
        this.runtime = runtime;
        this.index = index;
        this.clock = config.clock();
        this.poller = poller;
        this.log = runtime.log();
        this.waiting = new LoopWaiting(clock);
        this.perTick = config.maxTasksPerTick();
        this.pollNanos = Task.nanos(config.pollTimeout());
        this.spinNanos = Task.nanos(config.spinBeforeSleep());
        this.wheel = new TimerWheel(clock.nanoTime());
        this.thread = new LoopThread(this, this::run, config.name() + "-loop-" + index);
        this.owner = thread;
    }

    // ---- for everybody

    /** The loop whose thread this is, or carries this virtual thread; null off every loop. */
    public static @Nullable EventLoop current() {
        return OnLoopThreads.carrier() instanceof LoopThread carrier ? carrier.loop : null;
    }

    /**
     * Throws if the calling thread is a loop's own, which must not wait; virtual threads on a loop may.
     *
     * @param what the call that would wait, for the message
     * @throws IllegalStateException on a loop's own thread
     */
    public static void checkMayBlock(String what) {
        if (Thread.currentThread() instanceof LoopThread) {
            throw new IllegalStateException(what
                    + " in a callback of an event loop would stop the loop: spawn a task and wait there, or use"
                    + " TokioJ.spawnBlocking");
        }
    }

    /** Whether the calling code runs on this loop, as a callback or as a task: it may touch what the loop owns. */
    public boolean inLoop() {
        return OnLoopThreads.carrier() == owner;
    }

    /** Any thread: runs the callback on the loop, in the order of calls of one thread, never inside this call. */
    public void execute(Runnable callback) {
        send(new Callback(callback));
    }

    /** Any thread: runs the callback at once if this is the loop, else as {@link #execute}. */
    public void dispatch(Runnable callback) {
        if (inLoop()) {
            callback.run();
        } else {
            execute(callback);
        }
    }

    /** How tasks wait for something of this loop's: deadlines are on its clock, and its wheel wakes the tasks it carries. */
    public Waiting waiting() {
        return waiting;
    }

    /** A callback that can be asked for many times without garbage. Any thread. */
    public Signal newSignal(Runnable callback) {
        return new Signal(this, callback);
    }

    /** This loop's clock. */
    public Clock clock() {
        return clock;
    }

    /** Its place in its {@link LoopGroup}. */
    public int index() {
        return index;
    }

    /** The runtime it belongs to. */
    public AsyncRuntime runtime() {
        return runtime;
    }

    /** How many turns it has made. Any thread; may lag. */
    public long turns() {
        return turns.get();
    }

    /** In how many turns it was ready to sleep. Any thread; may lag. */
    public long sleeps() {
        return sleeps.get();
    }

    /**
     * Runs the body as a task of this loop (if the runtime places tasks on loops; else on the JDK's scheduler). Any thread.
     *
     * @throws RejectedExecutionException if there are {@link RuntimeConfig#maxTasks} already, or the runtime is closing
     */
    public <T> Task<T> spawn(Priority priority, @Nullable String name, Callable<T> body) {
        return runtime.spawnOn(this, new SpawnOptions(name, priority, null, null), body);
    }

    /** As {@link #spawn(Priority, String, Callable)}, with all options. */
    public <T> Task<T> spawn(SpawnOptions options, Callable<T> body) {
        return runtime.spawnOn(this, options, body);
    }

    // ---- for callbacks and tasks on the loop

    /** Loop: the time of this turn. */
    public long now() {
        if (!nowIsKnown) {
            now = clock.nanoTime();
            nowIsKnown = true;
            if (busySince.getPlain() == 0) {
                // The first thing after a wait: an I/O handler inside poll().
                busySince.setRelease(Clock.system().nanoTime() | 1);
            }
        }
        return now;
    }

    /** Any thread may make a timer; only the loop arms it. */
    public Timer newTimer(Runnable onFire) {
        return new Timer(this, onFire);
    }

    /** Loop: runs the flush once, after this turn's I/O, mail, timers and tasks. Called from a flush, in the next turn. */
    public void atTurnEnd(Runnable flush) {
        checkInLoop("atTurnEnd");
        flushes.add(flush);
    }

    /** Loop: runs the closer when the loop ends, before its poller is closed: sockets are closed there. At once if it has. */
    public void atClose(Runnable closer) {
        checkInLoop("atClose");
        if (phase == Phase.ENDED) {
            closer.run();
        } else {
            closers.add(closer);
        }
    }

    /** Loop: forgets a closer registered with {@link #atClose}. */
    public void forgetAtClose(Runnable closer) {
        checkInLoop("forgetAtClose");
        closers.remove(closer);
    }

    /** Loop: what it waits with; sockets register here. */
    public Poller poller() {
        return poller;
    }

    // ---- for this package

    void start() {
        if (clock instanceof PausedClock paused) {
            paused.attach(this);
        }
        thread.start();
    }

    boolean isRunning() {
        return phase != Phase.ENDED;
    }

    LoopThread thread() {
        return thread;
    }

    /** Any thread: ends the loop after the turn it is in. */
    void stop() {
        phase = Phase.STOPPING;
        wake();
    }

    /** Any thread: the entry will be delivered. */
    void send(Mailbox.Entry entry) {
        if (mailbox.send(entry)) {
            wake();
        }
    }

    /** Any thread: a task became runnable. Never throws. */
    void submit(Run run) {
        if (inLoop()) {
            ready.add(run);
        } else {
            send(run);
        }
    }

    /** Loop: as delivered from the mailbox. */
    void ready(Run run) {
        ready.add(run);
    }

    void armTimer(Timer timer, long deadline) {
        checkInLoop("a timer");
        if (phase == Phase.ENDED && deadline != Long.MAX_VALUE) {
            throw new IllegalStateException("the loop " + thread.getName() + " has ended: its timers fire no more");
        }
        if (deadline != Long.MAX_VALUE && deadline - now() <= 0) {
            wheel.armDue(timer);
        } else {
            wheel.arm(timer, deadline);
        }
    }

    /** Virtual thread on this loop: parks until the deadline, an unpark, an interrupt, or for no reason. */
    void parkUntil(Object blocker, long deadline) {
        Thread self = Thread.currentThread();
        Task<?> task = runningTask();
        Timer timer;
        if (task != null && task.thread() == self) {
            timer = task.sleepTimer;
            if (timer == null) {
                timer = newTimer(() -> LockSupport.unpark(self));
                task.sleepTimer = timer;
            }
        } else {
            timer = newTimer(() -> LockSupport.unpark(self));
        }
        timer.arm(deadline);
        try {
            LockSupport.park(blocker);
        } finally {
            timer.disarm();
        }
    }

    /** Loop: the task that runs; null in callbacks. */
    @Nullable Task<?> runningTask() {
        Run run = running;
        return run == null ? null : run.executor().task;
    }

    /** Loop: the tasks that have begun here. */
    LoopTasks tasks() {
        return tasks;
    }

    /** Any thread: since when the present turn holds the thread, on the machine's clock; 0: the loop waits. */
    long busySince() {
        return busySince.get();
    }

    /** Any thread: the run that holds the loop just now. */
    @Nullable Run running() {
        return running;
    }

    void wake() {
        waking.incrementAndGet();
        try {
            if (phase != Phase.ENDED) {
                poller.wakeup();
                return;
            }
        } finally {
            waking.decrementAndGet();
        }
        DrainThread.drain(this);
    }

    // ---- the turn

    private void run() {
        while (phase == Phase.OPEN) {
            turn();
        }
        end();
    }

    private void turn() {
        turns.setRelease(turns.getPlain() + 1);
        int work = poll();
        int mailed = deliverMail(perTick);
        work += mailed;
        work += fireTimers();
        work += runTasks();
        // What those tasks sent goes with this turn's flush and not with the next one's: an answer leaves with its ACK.
        work += deliverMail(perTick - mailed);
        work += flush();
        idle = work == 0;
        if (!idle) {
            idleSince = 0;
        }
    }

    /** How many handlers ran. */
    private int poll() {
        long timeout = timeout();
        boolean asleep = timeout != 0 && mailbox.sleep();
        if (asleep) {
            sleeps.setRelease(sleeps.getPlain() + 1);
            busySince.setRelease(0);
        }
        nowIsKnown = false;
        int handled = 0;
        try {
            handled = poller.poll(asleep ? timeout : 0);
            failuresInARow = 0;
        } catch (IOException | RuntimeException | Error e) {
            log.failed(this, "waiting for I/O", e);
            if (++failuresInARow > 10) {
                // A poller that fails at once, every time, must not eat the core.
                LockSupport.parkNanos(1_000_000);
            }
        } finally {
            if (asleep) {
                mailbox.awake();
            }
            busySince.setRelease(Clock.system().nanoTime() | 1);
        }
        return handled;
    }

    /** How long the coming poll may wait, ns; 0: not at all. */
    private long timeout() {
        if (mail != null || !ready.isEmpty() || !flushes.isEmpty() || phase != Phase.OPEN || staysAwake()) {
            return 0;
        }
        long deadline = wheel.nextDeadline();
        if (deadline == Long.MAX_VALUE) {
            return pollNanos;
        }
        long left = deadline - clock.nanoTime();
        if (clock instanceof PausedClock && left > 0) {
            // Its advance wakes us.
            return pollNanos;
        }
        return Math.clamp(left, 0, pollNanos);
    }

    private boolean staysAwake() {
        if (spinNanos == 0) {
            return false;
        }
        long time = Clock.system().nanoTime();
        if (!idle || idleSince == 0) {
            idleSince = time | 1;
        }
        return time - idleSince < spinNanos;
    }

    private int deliverMail(int most) {
        if (mail == null) {
            mail = mailbox.takeAll();
        }
        int delivered = 0;
        while (mail != null && delivered < most) {
            Mailbox.Entry entry = mail;
            mail = entry.next;
            entry.next = null;
            delivered++;
            try {
                entry.deliver();
            } catch (Throwable e) {
                log.failed(this, "a callback", e);
            }
        }
        return delivered;
    }

    private int fireTimers() {
        return wheel.armed() == 0 ? 0 : wheel.advance(now(), perTick, fireTimer);
    }

    private int runTasks() {
        int ran = 0;
        while (ran < perTick) {
            Run run = ready.poll();
            if (run == null) {
                break;
            }
            ran++;
            RUNNING.setRelease(this, run);
            try {
                run.take().run();
            } catch (Throwable e) {
                log.failed(this, "a task's continuation", e);
            }
            RUNNING.setRelease(this, null);
        }
        return ran;
    }

    private int flush() {
        return flushes.run(runFlush);
    }

    private void fire(Timer timer) {
        guarded("a timer", timer.onFire);
    }

    private void runFlush(Runnable flush) {
        guarded("a flush", flush);
    }

    private void guarded(String what, Runnable body) {
        try {
            body.run();
        } catch (Throwable e) {
            log.failed(this, what, e);
        }
    }

    // ---- the end

    private void end() {
        busySince.setRelease(0);
        finish();
        for (Runnable closer : List.copyOf(closers)) {
            guarded("a closer", closer);
        }
        guarded("closing registrations", io::end);
        finish();
        if (clock instanceof PausedClock paused) {
            paused.detach(this);
        }
        phase = Phase.ENDED;
        while (waking.get() != 0) {
            Thread.onSpinWait();
        }
        try {
            poller.close();
        } catch (Exception e) {
            log.failed(this, "closing the poller", e);
        }
        DrainThread.drain(this);
    }

    /** What was sent before the end still finds sockets and timers; what goes on for ever is left to the drain thread. */
    private void finish() {
        nowIsKnown = false;
        for (int i = 0; i < 16 && deliverMail(perTick) + runTasks() + flush() > 0; i++) {
            nowIsKnown = false;
        }
    }

    /** Drain thread: runs everything that has arrived, until the mailbox can sleep. */
    void drain() {
        owner = Thread.currentThread();
        mailbox.awake();
        do {
            nowIsKnown = false;
            int work;
            do {
                work = deliverMail(perTick) + runTasks() + flush();
            } while (work > 0 || mail != null || !ready.isEmpty());
        } while (!mailbox.sleep());
    }

    private void checkInLoop(String what) {
        if (!inLoop()) {
            throw new IllegalStateException(
                    what + " of the loop " + thread.getName() + " belongs to its thread; use execute() from outside");
        }
    }

    @Override
    public String toString() {
        return thread.getName();
    }
}
