/** Pure functions from what was observed and the time to a plan. */
@NullMarked
package dev.cleanroom.operator.incident.decide;

import org.jspecify.annotations.NullMarked;
