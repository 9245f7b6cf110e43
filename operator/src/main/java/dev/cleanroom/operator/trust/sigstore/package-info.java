/**
 * Verifies signatures in Sigstore bundles: from bytes to a
 * {@link dev.cleanroom.operator.trust.sigstore.VerificationResult}. It uses no network, and only the given clock.
 *
 * <p>Read in this order: {@link dev.cleanroom.operator.trust.sigstore.BundleVerifier} has the steps; {@code Bundle} and
 * {@code TrustRoot} are the parsed input; {@code Credential}, {@code SignedContent}, {@code Statement},
 * {@code EntryBody}, {@code TransparencyLogs}, {@code Timestamps} and {@code CertificateTransparency} are the checks,
 * one in each file.
 */
@NullMarked
package dev.cleanroom.operator.trust.sigstore;

import org.jspecify.annotations.NullMarked;
