/** What is suspicious about a run: pure functions from its facts, those of the last good run, and the rules. */
@NullMarked
package dev.cleanroom.operator.record.findings;

import org.jspecify.annotations.NullMarked;
