/** The runtime: event loops, tasks with priorities, timers, and the façade {@link dev.tokioj.runtime.TokioJ}. */
@NullMarked
package dev.tokioj.runtime;

import org.jspecify.annotations.NullMarked;
