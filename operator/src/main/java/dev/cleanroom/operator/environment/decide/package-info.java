/** Pure decisions: from an observation and the time to a plan. */
@NullMarked
package dev.cleanroom.operator.environment.decide;

import org.jspecify.annotations.NullMarked;
