@NullMarked
package dev.tokioj.examples;

import org.jspecify.annotations.NullMarked;
