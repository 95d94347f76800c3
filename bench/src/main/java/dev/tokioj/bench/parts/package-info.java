/** What the parts cost, each on its own, in time and garbage: JMH benchmarks. {@code bench/jmh} runs them. */
@NullMarked
package dev.tokioj.bench.parts;

import org.jspecify.annotations.NullMarked;
