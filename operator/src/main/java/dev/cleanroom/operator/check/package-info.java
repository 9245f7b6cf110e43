/**
 * Checks what a cluster needs before a first build, with the permissions of the person who asks. {@code Cluster} reads;
 * the checks are pure functions of what was read.
 */
@NullMarked
package dev.cleanroom.operator.check;

import org.jspecify.annotations.NullMarked;
