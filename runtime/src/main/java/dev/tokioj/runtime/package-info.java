@NullMarked
package dev.tokioj.runtime;

import org.jspecify.annotations.NullMarked;
