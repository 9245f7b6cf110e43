/** Pure decisions: what was observed and the time, to a plan. */
@NullMarked
package dev.cleanroom.operator.environment.decide;

import org.jspecify.annotations.NullMarked;
