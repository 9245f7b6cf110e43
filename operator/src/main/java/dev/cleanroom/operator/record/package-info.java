/** BuildRecord: what the observer of a run saw, read from its log, and the record that keeps it. */
@NullMarked
package dev.cleanroom.operator.record;

import org.jspecify.annotations.NullMarked;
