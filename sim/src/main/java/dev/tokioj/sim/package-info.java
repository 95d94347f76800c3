/**
 * A network in one thread: virtual time, a seed, production endpoints at its hosts, and links that delay, drop, corrupt,
 * duplicate, reorder, and rebind. The same seed runs the same way.
 */
@NullMarked
package dev.tokioj.sim;

import org.jspecify.annotations.NullMarked;
