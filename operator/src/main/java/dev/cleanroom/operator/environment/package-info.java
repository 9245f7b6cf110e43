/** From a BuildEnvironment to its pods, policies and identity: observe, decide, write, record. */
@NullMarked
package dev.cleanroom.operator.environment;

import org.jspecify.annotations.NullMarked;
