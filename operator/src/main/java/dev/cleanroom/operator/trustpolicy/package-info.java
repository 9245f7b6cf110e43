/** Reconciles TrustPolicies: each is parsed when it is applied, and its Ready condition shows the result. */
@NullMarked
package dev.cleanroom.operator.trustpolicy;

import org.jspecify.annotations.NullMarked;
