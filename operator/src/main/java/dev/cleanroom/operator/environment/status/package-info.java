/** Builds a BuildEnvironment's status; nothing else does. */
@NullMarked
package dev.cleanroom.operator.environment.status;

import org.jspecify.annotations.NullMarked;
