/** What was observed about an incident, read from the server at that moment. */
@NullMarked
package dev.cleanroom.operator.incident.model;

import org.jspecify.annotations.NullMarked;
