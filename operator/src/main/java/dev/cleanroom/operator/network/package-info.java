/**
 * What build pods may connect to: the namespace's deny-all and beacon policies, an environment's egress policy, the
 * canaries that a gate measures against, and policies of others that open build pods.
 */
@NullMarked
package dev.cleanroom.operator.network;

import org.jspecify.annotations.NullMarked;
