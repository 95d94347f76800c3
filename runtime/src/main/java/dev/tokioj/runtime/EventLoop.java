package dev.tokioj.runtime;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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
 * RuntimeConfig#maxTasksPerTick}); what exceeds it is next in the following turn, which then does not
 * wait. The clock is read once a turn, and once more before the loop sleeps.
 *
 * <p>A <em>callback</em> (a handler, a mailed runnable, a timer, a flush) runs on the loop's own thread and must not wait:
 * waiting calls of this library throw {@link IllegalStateException} there, and a lock held by a task that is parked on the
 * loop would hang it for ever. A <em>task</em> is a virtual thread on top of the loop and may wait as it likes. What a
 * callback throws is logged; nothing it throws ends the loop.
 */
public final class EventLoop {
    private final AsyncRuntime runtime;
    private final int index;
    private final Clock clock;
    private final LoopWait wait;
    private final LoopThread thread;
    private final LoopLog log;
    private final Waiting waiting;
    private final int runsPerTick;
    private final int callbacksPerTick;

    // Any thread.
    final Mailbox mailbox = new Mailbox();
    private final LoopLife life = new LoopLife();
    /** Who runs us: the loop's thread, later the drain thread. */
    private volatile Thread owner;
    // Written by the loop, read by whoever asks.
    private final LoopCounters counters = new LoopCounters();
    /** Since when the present turn holds the thread, on the machine's clock; 0 while the loop waits. Any thread may read it. */
    final AtomicLong busySince = new AtomicLong();

    /** What runs just now. */
    private final AtomicReference<@Nullable Run> running = new AtomicReference<>();

    // The loop's own.
    final LoopTimers timers;
    private final ReadyQueue ready;
    private Mailbox.@Nullable Entry mail;
    /** How many there are in it. */
    private int mailTaken;
    /** How many of this turn's callbacks were delivered. */
    private int mailedInTick;

    private final Flushes flushes = new Flushes();
    private final LoopEnd end = new LoopEnd(this);
    private final LoopTasks tasks = new LoopTasks();
    private final Wakes wakes = new Wakes();
    final LoopIo io = new LoopIo(this);
    private long now;
    private boolean nowIsKnown;
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
        this.ready = new ReadyQueue(Priority.burst(config));
        this.timers = new LoopTimers(this, config);
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
        send(new MailedCallback(callback));
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
        end.add(closer);
    }

    /** Loop: forgets a closer registered with {@link #atClose}. */
    public void forgetAtClose(Runnable closer) {
        checkInLoop("forgetAtClose");
        end.remove(closer);
    }

    /**
     * Loop: what it waits with; sockets register here.
     *
     * @throws DisabledException without {@link RuntimeConfig#enableIo}
     */
    public Poller poller() {
        return wait.poller();
    }

    // ---- for this package

    /** Loop: the next to ask for the time reads the clock. */
    void forgetTime() {
        nowIsKnown = false;
    }

    void start() {
        if (clock instanceof PausedClock paused) {
            paused.attach(this);
        }
        counters.starts();
        thread.start();
    }

    /** After a start that failed, or was never tried: what a loop's own thread does at its end. Nothing, if it has one. */
    void endUnstarted() {
        if (thread.getState() == Thread.State.NEW) {
            end.run(life, wait);
        }
    }

    boolean isRunning() {
        return !life.hasEnded();
    }

    LoopThread thread() {
        return thread;
    }

    /** Any thread: ends the loop after the turn it is in. */
    void stop() {
        life.stop();
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

    /** Loop's own thread: unparks it at the end of this step. */
    void wakeAtStepEnd(Thread thread) {
        wakes.add(thread);
    }

    /** Loop: the task that runs; null in callbacks. */
    @Nullable Task<?> runningTask() {
        Run run = running.get();
        return run == null ? null : run.task();
    }

    /** Loop: adds the tasks that have begun here, and those that are about to. */
    void listTasks(List<Task<?>> to) {
        tasks.listTo(to);
        ready.listCreatedTo(to);
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

    /** Loop: what it counts. */
    LoopCounters counters() {
        return counters;
    }

    /** Any thread: the run that holds the loop just now. */
    @Nullable Run running() {
        return running.get();
    }

    void wake() {
        if (!life.wake(wait)) {
            DrainThread.drain(this);
        }
    }

    // ---- the turn

    private void run() {
        runtime.pin(index);
        while (life.isOpen()) {
            turn();
        }
        busySince.setRelease(0);
        counters.ends();
        end.run(life, wait);
        DrainThread.drain(this);
    }

    private void turn() {
        counters.turn();
        int work = wait.poll(isBusy());
        wakeTogether();
        wakes.giveWay();
        mailedInTick = deliverMail(callbacksPerTick);
        work += fireTimers();
        int ran = runTasks();
        work += ran;
        wakes.giveWay();
        // What those tasks sent goes with this turn's flush and not with the next one's: an answer leaves with its ACK.
        mailedInTick += deliverMail(callbacksPerTick - mailedInTick);
        work += mailedInTick + flush();
        counters.worked(mailedInTick, ran, ready, mailTaken, timers.armed());
        wait.turned(work > 0);
    }

    /** Whether this turn must not wait, because what was left over or registered is still to be done. */
    private boolean isBusy() {
        return mail != null || !ready.isEmpty() || !flushes.isEmpty() || !life.isOpen();
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
        int fired = timers.fire(callbacksPerTick);
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
            running.setRelease(run);
            try {
                run.take().run();
            } catch (Throwable e) {
                log.failed(this, run.task() == null ? "a callback" : "a task's continuation", e);
            }
            running.setRelease(null);
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
        int ran = flushes.run(this);
        wakeTogether();
        return ran;
    }

    /** Loop: runs a callback; what it throws is logged. */
    void guarded(String what, Runnable body) {
        try {
            body.run();
        } catch (Throwable e) {
            log.failed(this, what, e);
        }
    }

    // ---- the end

    /** Loop: what a turn does besides the network and the timers. How much it was. */
    int deliverAndRun() {
        return deliverMail(callbacksPerTick) + runTasks() + flush();
    }

    /** Drain thread: runs everything that has arrived, until the mailbox can sleep. */
    void drain() {
        owner = Thread.currentThread();
        mailbox.awake();
        do {
            forgetTime();
            int work;
            do {
                work = deliverAndRun();
            } while (work > 0 || mail != null || !ready.isEmpty());
        } while (!mailbox.sleep());
    }

    /** Throws if the caller is not on this loop. */
    void checkInLoop(String what) {
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
