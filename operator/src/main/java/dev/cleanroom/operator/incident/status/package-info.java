/** The one place that builds an incident's status. */
@NullMarked
package dev.cleanroom.operator.incident.status;

import org.jspecify.annotations.NullMarked;
