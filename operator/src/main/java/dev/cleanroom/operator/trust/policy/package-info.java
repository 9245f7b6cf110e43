/** TrustPolicies, parsed: what they ask of an image, and whether the evidence found meets it. Reads no registry and no API. */
@NullMarked
package dev.cleanroom.operator.trust.policy;

import org.jspecify.annotations.NullMarked;
