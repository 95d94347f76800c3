/**
 * The command as people run it, against implementations that are not ours. A peer that is missing skips its tests with its
 * name; with {@code CI=true} it fails them.
 */
@NullMarked
package dev.tokioj.interop;

import org.jspecify.annotations.NullMarked;
