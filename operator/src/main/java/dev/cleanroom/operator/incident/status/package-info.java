/** Builds an incident's status; nothing else does. */
@NullMarked
package dev.cleanroom.operator.incident.status;

import org.jspecify.annotations.NullMarked;
