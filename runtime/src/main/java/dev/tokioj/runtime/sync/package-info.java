/**
 * What {@code java.util.concurrent} lacks for tasks: {@link dev.tokioj.runtime.sync.Notify}. Its locks, semaphores, barriers and
 * latches work for tasks as they are; {@code docs/sync.md} says which to take when.
 */
@NullMarked
package dev.tokioj.runtime.sync;

import org.jspecify.annotations.NullMarked;
