/**
 * The hot path: notices a request for quarantine and moves the pod's state. Every replica runs it, so it imports
 * nothing of the operator SDK, whose reconcilers run only on the leader.
 */
@NullMarked
package dev.cleanroom.operator.containment;

import org.jspecify.annotations.NullMarked;
