/** Files, for tasks: every call blocks a thread of the blocking pool and parks its caller. */
@NullMarked
package dev.tokioj.runtime.fs;

import org.jspecify.annotations.NullMarked;
