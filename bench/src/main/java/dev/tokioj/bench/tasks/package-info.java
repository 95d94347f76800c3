/** What tasks and timers of the runtime cost beside those of the JDK's scheduler. */
@org.jspecify.annotations.NullMarked
package dev.tokioj.bench.tasks;
