/** Regular expressions that users write: their size is known before they are compiled. */
@NullMarked
package dev.cleanroom.operator.trust.pattern;

import org.jspecify.annotations.NullMarked;
