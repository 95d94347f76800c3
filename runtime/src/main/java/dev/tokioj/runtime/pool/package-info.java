/** Pools: of connections by address ({@link dev.tokioj.runtime.pool.ConnectionPool}) and of byte arrays. */
@NullMarked
package dev.tokioj.runtime.pool;

import org.jspecify.annotations.NullMarked;
