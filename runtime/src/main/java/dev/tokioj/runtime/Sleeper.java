package dev.tokioj.runtime;

import java.util.concurrent.locks.LockSupport;

/**
 * One thread that parks with {@link LockSupport#park}, and how to wake it as cheaply as the waking thread can. A loop's own callback that wakes
 * a thread which no loop carries leaves it to the end of the present step, when all of that step are woken together; everybody else
 * unparks at once.
 *
 * @param thread who parks
 * @param carried whether a loop carries it, so that waking it is no more than putting it in that loop's queue
 */
public record Sleeper(Thread thread, boolean carried) {
    /** For the calling thread, whichever it is. */
    public static Sleeper ofCurrent() {
        return new Sleeper(Thread.currentThread(), EventLoop.current() != null);
    }

    /** Any thread: as {@link LockSupport#unpark}, but soon. */
    public void wake() {
        wake(thread, carried);
    }

    /** As {@link #wake()}, for those who keep the two apart. */
    static void wake(Thread thread, boolean carried) {
        if (!carried && Thread.currentThread() instanceof LoopThread self && self.loop != null) {
            self.loop.wakeAtStepEnd(thread);
        } else {
            LockSupport.unpark(thread);
        }
    }
}
