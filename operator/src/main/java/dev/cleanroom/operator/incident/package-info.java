/** BuildIncident: one suspected compromise of one pod, from the pod cut off to the verdict. */
@NullMarked
package dev.cleanroom.operator.incident;

import org.jspecify.annotations.NullMarked;
