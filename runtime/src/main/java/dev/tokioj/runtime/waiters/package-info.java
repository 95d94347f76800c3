/**
 * How a thread waits in the channels and in {@code sync}: who may end the wait, exactly once. Not exported: the rooms above it
 * are its users.
 */
@NullMarked
package dev.tokioj.runtime.waiters;

import org.jspecify.annotations.NullMarked;
