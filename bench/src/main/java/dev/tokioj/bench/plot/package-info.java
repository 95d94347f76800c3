/** Pictures of what {@code bench/compare --json} printed. */
@NullMarked
package dev.tokioj.bench.plot;

import org.jspecify.annotations.NullMarked;
