/** TrustPolicy: read when applied, told in its Ready condition. */
@NullMarked
package dev.cleanroom.operator.trustpolicy;

import org.jspecify.annotations.NullMarked;
