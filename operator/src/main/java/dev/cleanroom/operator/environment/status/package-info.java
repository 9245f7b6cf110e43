/** The one place that builds a BuildEnvironment's status. */
@NullMarked
package dev.cleanroom.operator.environment.status;

import org.jspecify.annotations.NullMarked;
