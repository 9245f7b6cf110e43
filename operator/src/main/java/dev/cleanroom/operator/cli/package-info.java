/** The command line: the main class, the subcommands and their flags. */
@NullMarked
package dev.cleanroom.operator.cli;

import org.jspecify.annotations.NullMarked;
