/** The hot path: a request to quarantine seen, the pod's state moved. Imports nothing of the operator SDK: every replica runs it. */
@NullMarked
package dev.cleanroom.operator.containment;

import org.jspecify.annotations.NullMarked;
