package dev.cleanroom.operator.trust.sigstore;

import dev.cleanroom.operator.trust.sigstore.Expectation.SignedBy;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a signature is checked with, and who stands behind it. */
public sealed interface Credential {
    VerificationKey key();

    /** As a log entry about the signature must name it. */
    EntryBody.Verifier verifier();

    /** @param times every trusted time of the signature */
    void mustBeValidAt(List<Instant> times) throws Refusal;

    /** Last, when all else holds: who it was, if it is one of those expected. */
    Verdict.Signer signer(List<Instant> times) throws Refusal;

    /**
     * @param leaf the certificate that came with the signature, if one did
     * @param issuers what came along with it
     */
    static Credential of(
            SignedBy expected, Optional<X509Certificate> leaf, List<X509Certificate> issuers, Optional<TrustRoot> root)
            throws Refusal {
        return switch (expected) {
            case SignedBy.Key(var key) -> {
                // The key of a certificate that came along is never the one the policy names.
                if (leaf.isPresent()) {
                    throw Refusal.rejected(
                            RejectionCode.CertificateUnexpected,
                            "the policy names a key, and the signature is by a certificate");
                }
                yield new ByKey(key);
            }
            case SignedBy.Keyless(var identities) -> {
                if (identities.isEmpty()) {
                    throw Refusal.unresolved(
                            UnresolvedCode.IdentitiesMissing, "the policy names no identity that may sign");
                }
                TrustRoot trusted = root.orElseThrow(() -> Refusal.unresolved(
                        UnresolvedCode.TrustRootMissing, "identities cannot be believed without a trust root"));
                X509Certificate certificate = leaf.orElseThrow(() -> Refusal.rejected(
                        RejectionCode.CertificateMissing,
                        "the policy names identities, and the signature is by a key without a certificate"));
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

        /** A key has no end; who must not be trusted any more is taken from the policy. */
        @Override
        public void mustBeValidAt(List<Instant> times) {}

        @Override
        public Verdict.Signer signer(List<Instant> times) {
            return new Verdict.Signer.Key(key.fingerprint());
        }
    }

    record ByCertificate(SigningCertificate certificate, VerificationKey key, TrustRoot root, List<Identity> identities)
            implements Credential {
        @Override
        public EntryBody.Verifier verifier() {
            try {
                return new EntryBody.Verifier(
                        Pem.CERTIFICATE, certificate.leaf().getEncoded());
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException(e); // it was read from these bytes
            }
        }

        /** A certificate lives for minutes: without a time it proves nothing. */
        @Override
        public void mustBeValidAt(List<Instant> times) throws Refusal {
            if (times.isEmpty()) {
                throw Refusal.rejected(
                        RejectionCode.NoTrustedTime,
                        "no log promised and no authority stamped when the signature was made");
            }
            certificate.mustBeValidAt(times);
        }

        @Override
        public Verdict.Signer signer(List<Instant> times) throws Refusal {
            certificate.mustBePublished(root, times);
            Verdict.Signer.Identity signer = certificate.identity();
            if (identities.stream().noneMatch(identity -> identity.matches(signer))) {
                throw Refusal.rejected(
                        RejectionCode.IdentityMismatch,
                        "signed by " + Refusal.quote(signer.subject()) + ", vouched for by "
                                + Refusal.quote(signer.issuer()) + ", which is none of the policy's identities");
            }
            return signer;
        }
    }
}
