@NullMarked
package dev.tokioj.bench;

import org.jspecify.annotations.NullMarked;
