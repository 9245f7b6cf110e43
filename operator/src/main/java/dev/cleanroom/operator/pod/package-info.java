/** What a build pod is: its name, its state, how far its containers have come, and what its gate reported. */
@NullMarked
package dev.cleanroom.operator.pod;

import org.jspecify.annotations.NullMarked;
