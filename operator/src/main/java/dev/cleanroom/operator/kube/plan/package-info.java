/** Writes as data: plans, the executor that carries them out, and the overlay with the answers. */
@NullMarked
package dev.cleanroom.operator.kube.plan;

import org.jspecify.annotations.NullMarked;
