@NullMarked
package dev.tokioj.sim;

import org.jspecify.annotations.NullMarked;
