/** jcstress: what the runtime's two lock-free classes promise, tried on real cores. */
@NullMarked
package dev.tokioj.bench.stress;

import org.jspecify.annotations.NullMarked;
