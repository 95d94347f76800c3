/** What configurations share. Not exported. */
@NullMarked
package dev.tokioj.runtime.settings;

import org.jspecify.annotations.NullMarked;
