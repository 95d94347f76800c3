package dev.tokioj.runtime.pool;

/** What the decisions of a {@link PoolState} lead to. None may wait or throw. */
interface PoolEffects<K, C> {
    /** Makes a connection; the end is told by {@code connected} or {@code connectFailed}. */
    void connect(Attempt<K, C> attempt);

    /** Asks whether the connection is healthy; the end is told by {@code checked}. */
    void check(Attempt<K, C> attempt, C connection);

    void close(K key, C connection);

    /** Calls {@code tick} at this moment on the pool's clock; the latest call counts. */
    void alarm(long deadline);

    /** What a borrower is given. */
    Hold<K, C> hold(Pooled<K, C> pooled);
}
