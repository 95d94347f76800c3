/** TokioJ's TCP and UDP beside Netty's and the JDK's, as echo servers under the same load. {@code bench/io} runs it. */
@NullMarked
package dev.tokioj.bench.io;

import org.jspecify.annotations.NullMarked;
