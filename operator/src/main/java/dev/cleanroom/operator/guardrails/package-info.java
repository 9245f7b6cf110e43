/** The admission policies of the chart, watched: one that is missing or changed is a metric, a log line and an Event. */
@NullMarked
package dev.cleanroom.operator.guardrails;

import org.jspecify.annotations.NullMarked;
