/** What people run: the {@code tokioj} command, a file a subcommand. */
@NullMarked
package dev.tokioj.cli;

import org.jspecify.annotations.NullMarked;
