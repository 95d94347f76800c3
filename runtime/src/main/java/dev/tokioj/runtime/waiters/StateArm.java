package dev.tokioj.runtime.waiters;

/** An {@link Arm} that waits for a state to change: all who wait for it are told, and each tries for himself. */
public abstract class StateArm implements Arm {
    private final WaitSet waiting;

    /** Whoever changes the state calls {@link WaitSet#wakeAll} on this. */
    protected StateArm(WaitSet waiting) {
        this.waiting = waiting;
    }

    /** Whether {@link #poll} would succeed now. */
    protected abstract boolean isReady();

    @Override
    public final WaitNode enlist(Waiter waiter) {
        WaitNode node = new WaitNode(waiter, null);
        waiting.add(node);
        if (isReady() && waiter.claim()) {
            waiter.complete(node);
        }
        return node;
    }

    @Override
    public final void delist(WaitNode node) {
        waiting.remove(node);
    }

    @Override
    public final boolean settle(WaitNode node) {
        // It may still be on the list: it is told there only by others.
        waiting.remove(node);
        return poll();
    }
}
