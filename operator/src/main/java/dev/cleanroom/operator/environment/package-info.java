/** BuildEnvironment to pods, policies and identity: observe, decide, carry out, record. */
@NullMarked
package dev.cleanroom.operator.environment;

import org.jspecify.annotations.NullMarked;
