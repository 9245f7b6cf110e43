/** Metrics, health and logs. */
@NullMarked
package dev.cleanroom.operator.telemetry;

import org.jspecify.annotations.NullMarked;
