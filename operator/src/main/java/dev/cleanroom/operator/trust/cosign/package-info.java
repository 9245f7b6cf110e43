/**
 * Verifies signatures in the format that cosign wrote before bundles: a payload and annotations. It uses no network.
 */
@NullMarked
package dev.cleanroom.operator.trust.cosign;

import org.jspecify.annotations.NullMarked;
