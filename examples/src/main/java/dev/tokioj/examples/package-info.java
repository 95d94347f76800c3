/** Small programs on the public API; each is run by a test. */
@NullMarked
package dev.tokioj.examples;

import org.jspecify.annotations.NullMarked;
