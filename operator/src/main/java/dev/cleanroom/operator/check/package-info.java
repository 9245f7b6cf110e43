/**
 * What a cluster needs before a first build, gone through with the rights of the person who asks: {@code Cluster} reads,
 * the checks are functions of what was read.
 */
@NullMarked
package dev.cleanroom.operator.check;

import org.jspecify.annotations.NullMarked;
