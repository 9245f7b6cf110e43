/** The facts of a run, as the observer reports them and a record lists them. */
@NullMarked
package dev.cleanroom.operator.record.facts;

import org.jspecify.annotations.NullMarked;
