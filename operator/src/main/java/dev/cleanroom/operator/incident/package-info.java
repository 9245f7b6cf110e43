/** BuildIncident: one suspected compromise of one pod, from its isolation to the verdict. */
@NullMarked
package dev.cleanroom.operator.incident;

import org.jspecify.annotations.NullMarked;
