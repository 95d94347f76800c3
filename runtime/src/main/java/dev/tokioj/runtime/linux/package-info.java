/**
 * Linux through {@code java.lang.foreign}: what the poller and the sockets ask of libc, and how its structures lie in memory.
 * Not exported: descriptors and native memory stay in this module.
 */
@NullMarked
package dev.tokioj.runtime.linux;

import org.jspecify.annotations.NullMarked;
