/** Binders that register the figures of runtimes and servers with a Micrometer registry. */
@NullMarked
package dev.tokioj.metrics;

import org.jspecify.annotations.NullMarked;
