/** The parts of a build pod: its name, its state, the progress of its containers, and its gate's report. */
@NullMarked
package dev.cleanroom.operator.pod;

import org.jspecify.annotations.NullMarked;
