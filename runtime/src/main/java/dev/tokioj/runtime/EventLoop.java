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
 *   <li>run tasks, by {@link Priority}; after each, deliver the mail that has come meanwhile;
 *   <li>flush: what was registered with {@link #atTurnEnd}.
 * </ol>
 *
 * <p>Each step is bounded ({@link RuntimeConfig#maxEventsPerPoll}, {@link RuntimeConfig#maxCallbacksPerTick}, {@link
 * RuntimeConfig#maxTasksPerTick}); what exceeds it is next in the following turn, which then does not wait. The clock is read once a turn, and once more before the loop sleeps.
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
    private final LoopWait wait;
    private final LoopThread thread;
    private final LoopLog log;
    private final Waiting waiting;
    private final int runsPerTick;
    private final int callbacksPerTick;
    private final boolean hasTimers;

    // Any thread.
    private final Mailbox mailbox = new Mailbox();
    private volatile Phase phase = Phase.OPEN;
    /** How many threads are between "this loop must be woken" and having done it: the poller is closed after they left. */
    private final AtomicInteger waking = new AtomicInteger();
    /** Who runs us: the loop's thread, later the drain thread. */
    private volatile Thread owner;
    // Written by the loop, read by whoever asks.
    private final LoopCounters counters = new LoopCounters();
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
    private final ReadyQueue ready;
    private Mailbox.@Nullable Entry mail;
    /** How many there are in it. */
    private int mailTaken;
    /** How many of this turn's callbacks were delivered. */
    private int mailedInTick;

    private final Flushes flushes = new Flushes();
    private final List<Runnable> closers = new ArrayList<>();
    private final LoopTasks tasks = new LoopTasks();
    private final Wakes wakes = new Wakes();
    final LoopIo io = new LoopIo(this);
    private long now;
    private boolean nowIsKnown;
    private int failuresInARow;
    /** How many live tasks belong to it. Any thread. */
    private final AtomicInteger load = new AtomicInteger();

    EventLoop(AsyncRuntime runtime, int index, @Nullable Poller poller) {
        RuntimeConfig config = runtime.config();
        this.runtime = runtime;
        this.index = index;
        this.clock = config.clock();
        this.wait = new LoopWait(this, config, poller);
        this.log = runtime.log();
        this.waiting = new LoopWaiting(clock);
        this.runsPerTick = config.maxTasksPerTick();
        this.callbacksPerTick = config.maxCallbacksPerTick();
        this.hasTimers = config.enableTimers();
        this.ready = new ReadyQueue(Priority.burst(config));
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
        if (isLoopThread()) {
            throw new IllegalStateException(what
                    + " in a callback of an event loop would stop the loop: spawn a task and wait there, or use"
                    + " TokioJ.spawnBlocking");
        }
    }

    /** Whether the caller is a callback of a loop, which runs on the loop's own thread and must not wait. */
    public static boolean isLoopThread() {
        return Thread.currentThread() instanceof LoopThread;
    }

    /** Whether the calling code runs on this loop, as a callback or as a task: it may touch what the loop owns. */
    public boolean inLoop() {
        return OnLoopThreads.carrier() == owner;
    }

    /**
     * Any thread: runs the callback on the loop, in the order of calls of one thread, never inside this call. It comes before
     * the tasks of its turn, at most {@link RuntimeConfig#maxCallbacksPerTick} a turn.
     */
    public void execute(Runnable callback) {
        send(new Callback(callback));
    }

    /**
     * Any thread: runs the callback on the loop when its {@link Priority} has its turn among the tasks and the other callbacks
     * sent this way, never inside this call.
     */
    public void execute(Priority priority, Runnable callback) {
        submit(new PriorityCallback(this, priority, callback));
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
        return counters.turns();
    }

    /** In how many turns it was ready to sleep. Any thread; may lag. */
    public long sleeps() {
        return counters.sleeps();
    }

    /** What it has done since it started, and what waits for it. Any thread; may lag. */
    public EventLoopStats stats() {
        return counters.stats(index, mailbox.depth(1 << 16), runtime.stalls(index));
    }

    /**
     * Runs the body as a task of this loop (if the runtime places tasks on loops; else on the JDK's scheduler). Any thread.
     *
     * @throws RejectedExecutionException if there are {@link RuntimeConfig#maxTasks} already, or the runtime is closing
     */
    public <T> Task<T> spawn(Priority priority, @Nullable String name, Callable<T> body) {
        SpawnOptions options = SpawnOptions.DEFAULT.priority(priority);
        return runtime.spawnOn(this, name == null ? options : options.named(name), body);
    }

    /** As {@link #spawn(Priority, String, Callable)}, with all options but {@link SpawnOptions#loop}: it is this one. */
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

    /**
     * Loop: what it waits with; sockets register here.
     *
     * @throws DisabledException without {@link RuntimeConfig#enableIo}
     */
    public Poller poller() {
        Poller poller = wait.poller();
        if (poller == null) {
            throw new DisabledException("enableIo", "a socket, or anything else that is registered with a loop,");
        }
        return poller;
    }

    // ---- for this package

    void start() {
        if (clock instanceof PausedClock paused) {
            paused.attach(this);
        }
        counters.starts();
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
        if (!hasTimers && deadline != Long.MAX_VALUE) {
            throw new DisabledException("enableTimers", "a timer");
        }
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

    /** Loop's own thread: unparks it at the end of this step. */
    void wakeAtStepEnd(Thread thread) {
        wakes.add(thread);
    }

    /** Loop: the task that runs; null in callbacks. */
    @Nullable Task<?> runningTask() {
        Run run = running;
        return run == null ? null : run.task();
    }

    /** Loop: adds the tasks that have begun here, and those that are about to. */
    void listTasks(List<Task<?>> to) {
        tasks.forEach(to::add);
        ready.forEach(run -> {
            Task<?> task = run.task();
            if (task != null && task.state() == TaskState.CREATED) {
                to.add(task);
            }
        });
    }

    /** Any thread: since its last wait, or roughly now, on the machine's clock; costs less than reading it. */
    long roughTime() {
        long since = busySince.get();
        return since == 0 ? Clock.system().nanoTime() : since;
    }

    /** Loop: the tasks that have begun here. */
    LoopTasks tasks() {
        return tasks;
    }

    /** Any thread: how many live tasks belong to it. */
    AtomicInteger load() {
        return load;
    }

    /** Any thread: whether it sleeps and was sent nothing since. */
    boolean isAsleep() {
        return mailbox.isAsleep();
    }

    /** Loop: what it counts. */
    LoopCounters counters() {
        return counters;
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
                wait.wake();
                return;
            }
        } finally {
            waking.decrementAndGet();
        }
        DrainThread.drain(this);
    }

    // ---- the turn

    private void run() {
        runtime.pin(index);
        while (phase == Phase.OPEN) {
            turn();
        }
        end();
    }

    private void turn() {
        counters.turn();
        int work = poll();
        wakes.giveWay();
        mailedInTick = deliverMail(callbacksPerTick);
        work += fireTimers();
        int ran = runTasks();
        work += ran;
        wakes.giveWay();
        // What those tasks sent goes with this turn's flush and not with the next one's: an answer leaves with its ACK.
        mailedInTick += deliverMail(callbacksPerTick - mailedInTick);
        work += mailedInTick + flush();
        counters.worked(mailedInTick, ran, ready, mailTaken, wheel.armed());
        wait.turned(work > 0);
    }

    /** How many handlers ran. */
    private int poll() {
        long timeout = timeout();
        boolean asleep = timeout != 0 && mailbox.sleep();
        if (asleep) {
            counters.sleeps(busySince.getPlain());
            busySince.setRelease(0);
        }
        nowIsKnown = false;
        int handled = 0;
        Object event = RuntimeEvents.polls();
        try {
            handled = asleep ? wait.await(timeout, wheel.nextDeadline()) : wait.look(0);
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
                wait.waited();
            }
            busySince.setRelease(counters.polled(busySince.getPlain(), handled));
            RuntimeEvents.polled(event, this, handled, asleep ? timeout : 0);
        }
        wakeTogether();
        return handled;
    }

    /** How long the coming poll may wait, ns; 0: not at all. */
    private long timeout() {
        if (mail != null || !ready.isEmpty() || !flushes.isEmpty() || phase != Phase.OPEN) {
            return 0;
        }
        return wait.timeout(wheel.nextDeadline());
    }

    private int deliverMail(int most) {
        if (mail == null) {
            mail = mailbox.takeAll();
            mailTaken = mail == null ? 0 : mailbox.taken();
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
        wakeTogether();
        mailTaken -= delivered;
        return delivered;
    }

    /** Wakes whom this step woke. */
    private void wakeTogether() {
        try {
            wakes.wake();
        } catch (Throwable e) {
            log.failed(this, "waking tasks", e);
        }
    }

    private int fireTimers() {
        int fired = wheel.armed() == 0 ? 0 : wheel.advance(now(), callbacksPerTick, fireTimer);
        wakeTogether();
        return fired;
    }

    private int runTasks() {
        int ran = 0;
        while (ran < runsPerTick) {
            Run run = ready.poll();
            if (run == null) {
                break;
            }
            ran++;
            RUNNING.setRelease(this, run);
            try {
                run.take().run();
            } catch (Throwable e) {
                log.failed(this, run.task() == null ? "a callback" : "a task's continuation", e);
            }
            RUNNING.setRelease(this, null);
            lookForMail();
        }
        return ran;
    }

    /** What comes from other threads while a tick's tasks run, urgent tasks among it, waits for one of them and not for all. */
    private void lookForMail() {
        if (mailedInTick < callbacksPerTick && (mail != null || mailbox.hasMail())) {
            mailedInTick += deliverMail(callbacksPerTick - mailedInTick);
        }
    }

    private int flush() {
        int ran = flushes.run(runFlush);
        wakeTogether();
        return ran;
    }

    private void fire(Timer timer) {
        long late = wheel.lateness(now);
        counters.timerFired(late);
        RuntimeEvents.timerFires(this, late);
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
        counters.ends();
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
            wait.close();
        } catch (Exception e) {
            log.failed(this, "closing the poller", e);
        }
        DrainThread.drain(this);
    }

    /** What was sent before the end still finds sockets and timers; what goes on for ever is left to the drain thread. */
    private void finish() {
        nowIsKnown = false;
        for (int i = 0; i < 16 && deliverMail(callbacksPerTick) + runTasks() + flush() > 0; i++) {
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
                work = deliverMail(callbacksPerTick) + runTasks() + flush();
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
