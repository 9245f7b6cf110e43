/** BuildEnvironmentClass: checked when applied, told in its Ready condition. */
@NullMarked
package dev.cleanroom.operator.environmentclass;

import org.jspecify.annotations.NullMarked;
