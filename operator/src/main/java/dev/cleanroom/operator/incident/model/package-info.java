/** What was observed about an incident, read from the API server at that moment. */
@NullMarked
package dev.cleanroom.operator.incident.model;

import org.jspecify.annotations.NullMarked;
