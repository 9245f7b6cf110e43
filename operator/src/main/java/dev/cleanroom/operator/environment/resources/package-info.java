/** Pure builders of the objects an environment needs. */
@NullMarked
package dev.cleanroom.operator.environment.resources;

import org.jspecify.annotations.NullMarked;
