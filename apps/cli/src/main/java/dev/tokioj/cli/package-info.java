@NullMarked
package dev.tokioj.cli;

import org.jspecify.annotations.NullMarked;
