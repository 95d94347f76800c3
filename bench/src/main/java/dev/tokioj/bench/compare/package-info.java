/** TokioJ beside other QUIC stacks: each in processes of its own, on the same cores, doing the same. {@code bench/compare} runs it. */
@NullMarked
package dev.tokioj.bench.compare;

import org.jspecify.annotations.NullMarked;
