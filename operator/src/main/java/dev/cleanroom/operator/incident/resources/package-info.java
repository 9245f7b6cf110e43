/** Pure builders of what an incident makes. */
@NullMarked
package dev.cleanroom.operator.incident.resources;

import org.jspecify.annotations.NullMarked;
