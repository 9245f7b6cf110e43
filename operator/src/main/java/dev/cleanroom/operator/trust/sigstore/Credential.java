package dev.cleanroom.operator.trust.sigstore;

import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The key with which a signature is checked, and whose key it is. */
public sealed interface Credential {
    VerificationKey key();

    /** The key or certificate that a log entry for the signature must contain. */
    EntryBody.Verifier verifier();

    /** @param times all trusted times of the signature */
    void mustBeValidAt(List<Instant> times) throws Refusal;

    /** The last check: returns the signer, if it is one of those expected. */
    VerificationResult.Signer signer(List<Instant> times) throws Refusal;

    /**
     * @param leaf the certificate that came with the signature, if one did
     * @param issuers the certificates that came with the leaf
     */
    static Credential of(
            SignedBy expected, Optional<X509Certificate> leaf, List<X509Certificate> issuers, Optional<TrustRoot> root)
            throws Refusal {
        return switch (expected) {
            case SignedBy.Key(var key) -> {
                // The key of a certificate is never the key that the policy names.
                if (leaf.isPresent()) {
                    throw Refusal.rejected(
                            RejectionCode.CertificateUnexpected,
                            "the policy names a key, but the signature found was made with a certificate");
                }
                yield new ByKey(key);
            }
            case SignedBy.Keyless(var identities) -> {
                if (identities.isEmpty()) {
                    throw Refusal.unresolved(
                            UnresolvedCode.IdentitiesMissing, "the policy lists no identity that may sign");
                }
                TrustRoot trusted = root.orElseThrow(() -> Refusal.unresolved(
                        UnresolvedCode.TrustRootMissing, "identities cannot be verified without a trust root"));
                X509Certificate certificate = leaf.orElseThrow(() -> Refusal.rejected(
                        RejectionCode.CertificateMissing,
                        "the policy names identities, but the signature found was made with a key and has"
                                + " no certificate"));
                var signing = SigningCertificate.of(certificate, issuers, trusted);
                yield new ByCertificate(signing, signing.key(), trusted, identities);
            }
        };
    }

    record ByKey(VerificationKey key) implements Credential {
        @Override
        public EntryBody.Verifier verifier() {
            return new EntryBody.Verifier(Pem.PUBLIC_KEY, key.key().getEncoded());
        }

        /** A key does not expire. To stop trusting it, remove it from the policy. */
        @Override
        public void mustBeValidAt(List<Instant> times) {}

        @Override
        public VerificationResult.Signer signer(List<Instant> times) {
            return new VerificationResult.Signer.Key(key.fingerprint());
        }
    }

    record ByCertificate(
            SigningCertificate certificate, VerificationKey key, TrustRoot root, List<ExpectedIdentity> identities)
            implements Credential {
        @Override
        public EntryBody.Verifier verifier() {
            try {
                return new EntryBody.Verifier(
                        Pem.CERTIFICATE, certificate.leaf().getEncoded());
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e); // it was parsed from these bytes
            }
        }

        /** A certificate is valid for minutes: without a trusted time it proves nothing. */
        @Override
        public void mustBeValidAt(List<Instant> times) throws Refusal {
            if (times.isEmpty()) {
                throw Refusal.rejected(
                        RejectionCode.NoTrustedTime,
                        "no transparency log and no timestamp authority proves when the signature was made");
            }
            certificate.mustBeValidAt(times);
        }

        @Override
        public VerificationResult.Signer signer(List<Instant> times) throws Refusal {
            certificate.mustBePublished(root, times);
            VerificationResult.Signer.CertificateIdentity signer = certificate.identity();
            if (identities.stream().noneMatch(identity -> identity.matches(signer))) {
                throw Refusal.rejected(
                        RejectionCode.IdentityMismatch,
                        "the signature found is by " + Refusal.quote(signer.subject()) + " of issuer "
                                + Refusal.quote(signer.issuer()) + ", which is not an identity in the policy");
            }
            return signer;
        }
    }
}
