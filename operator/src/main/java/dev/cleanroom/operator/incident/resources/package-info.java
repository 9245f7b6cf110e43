/** Pure builders of the objects that an incident creates. */
@NullMarked
package dev.cleanroom.operator.incident.resources;

import org.jspecify.annotations.NullMarked;
