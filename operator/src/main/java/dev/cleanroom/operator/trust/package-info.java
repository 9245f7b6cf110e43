/** Image reference to an accepted digest, or a coded refusal. */
@NullMarked
package dev.cleanroom.operator.trust;

import org.jspecify.annotations.NullMarked;
