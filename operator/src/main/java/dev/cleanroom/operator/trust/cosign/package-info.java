/** Signatures in the format cosign wrote before bundles: a payload and annotations in, a verdict out. No network. */
@NullMarked
package dev.cleanroom.operator.trust.cosign;

import org.jspecify.annotations.NullMarked;
