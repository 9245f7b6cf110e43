/**
 * Watches the admission policies of the chart. One that is missing or changed is reported by a metric, a log line and
 * an Event.
 */
@NullMarked
package dev.cleanroom.operator.guardrails;

import org.jspecify.annotations.NullMarked;
