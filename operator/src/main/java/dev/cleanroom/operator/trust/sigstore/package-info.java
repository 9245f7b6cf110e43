/**
 * Signatures in Sigstore bundles: bytes in, a verdict out. No network, no clock but the one handed in.
 *
 * <p>Read in this order: {@link dev.cleanroom.operator.trust.sigstore.BundleVerifier} is the recipe; {@code Bundle} and
 * {@code TrustRoot} are what was read; {@code Credential}, {@code SignedContent}, {@code Statement}, {@code EntryBody},
 * {@code TransparencyLogs}, {@code Timestamps} and {@code CertificateTransparency} are the checks, one a file.
 */
@NullMarked
package dev.cleanroom.operator.trust.sigstore;

import org.jspecify.annotations.NullMarked;
