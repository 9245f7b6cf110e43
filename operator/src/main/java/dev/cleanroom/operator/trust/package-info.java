/** Decides which images may run: resolves an image reference to an accepted digest, or to a code and a message. */
@NullMarked
package dev.cleanroom.operator.trust;

import org.jspecify.annotations.NullMarked;
