/** What was observed of one environment, as immutable records. */
@NullMarked
package dev.cleanroom.operator.environment.model;

import org.jspecify.annotations.NullMarked;
