/** The command line: main, flags, the subcommands. */
@NullMarked
package dev.cleanroom.operator.cli;

import org.jspecify.annotations.NullMarked;
