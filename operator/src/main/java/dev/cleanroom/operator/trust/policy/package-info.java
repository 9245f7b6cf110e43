/**
 * Parsed TrustPolicies: what they require of an image, and whether proofs satisfy it. Nothing here reads from a
 * registry or the API server.
 */
@NullMarked
package dev.cleanroom.operator.trust.policy;

import org.jspecify.annotations.NullMarked;
