/**
 * BuildEnvironmentClass: which class applies to an environment, the limits and defaults it sets, and whether the class
 * itself can be used.
 */
@NullMarked
package dev.cleanroom.operator.classes;

import org.jspecify.annotations.NullMarked;
