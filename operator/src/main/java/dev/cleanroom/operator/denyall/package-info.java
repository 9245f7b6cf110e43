/** The namespace's deny-all policy: kept as it should be, released when no build pod is left. */
@NullMarked
package dev.cleanroom.operator.denyall;

import org.jspecify.annotations.NullMarked;
