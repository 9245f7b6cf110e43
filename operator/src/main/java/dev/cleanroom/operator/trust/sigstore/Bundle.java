package dev.cleanroom.operator.trust.sigstore;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A parsed Sigstore bundle (sigstore_bundle.proto, Bundle; versions 0.1 to 0.3). Nothing in it is verified.
 *
 * @param timestamps RFC 3161 responses
 */
record Bundle(
        Version version, Material material, List<LogEntry> entries, List<byte[]> timestamps, SignedContent content) {
    static final int MAX_CERTIFICATES = 8;
    static final int MAX_ENTRIES = 8;
    static final int MAX_TIMESTAMPS = 8;
    static final int MAX_PROOF_HASHES = 64;

    enum Version {
        V0_1,
        V0_2,
        V0_3;

        /**
         * Version 0.1 has no inclusion proofs and must have the log's promise; all others must have an inclusion proof.
         */
        void mustHave(LogEntry entry) throws Refusal {
            if (this == V0_1 && entry.promise().isEmpty()) {
                throw Refusal.rejected(RejectionCode.PromiseMissing, "the log entry has no signed entry timestamp");
            }
            if (this != V0_1 && entry.proof().isEmpty()) {
                throw Refusal.rejected(RejectionCode.InclusionProofMissing, "the log entry has no inclusion proof");
            }
            if (this != V0_1 && entry.proof().orElseThrow().checkpoint().isEmpty()) {
                throw Refusal.rejected(
                        RejectionCode.CheckpointMissing, "the log entry's inclusion proof has no checkpoint");
            }
        }

        static Optional<Version> of(String mediaType) {
            return switch (mediaType) {
                case "application/vnd.dev.sigstore.bundle+json;version=0.1" -> Optional.of(V0_1);
                case "application/vnd.dev.sigstore.bundle+json;version=0.2" -> Optional.of(V0_2);
                case "application/vnd.dev.sigstore.bundle+json;version=0.3",
                        "application/vnd.dev.sigstore.bundle.v0.3+json" -> Optional.of(V0_3);
                default -> Optional.empty();
            };
        }
    }

    /** The key or certificate with which to check the signature. */
    sealed interface Material {
        /** @param issuers as in the bundle; never a trust anchor */
        record Certificate(X509Certificate leaf, List<X509Certificate> issuers) implements Material {}

        /** A key that only a hint names: the verifier has the key, and the hint decides nothing. */
        record Key() implements Material {}
    }

    /** @throws Refusal with a code if the bundle is malformed */
    static Bundle parse(byte[] bytes) throws Refusal {
        if (bytes.length > BundleVerifier.MAX_BYTES) {
            throw Refusal.rejected(
                    RejectionCode.BundleTooLarge, "the bundle is longer than " + BundleVerifier.MAX_BYTES + " bytes");
        }
        Json bundle = Json.parse(bytes, "bundle", Bundle::malformed);
        String mediaType = bundle.text("mediaType");
        Version version = Version.of(mediaType)
                .orElseThrow(() -> Refusal.rejected(
                        RejectionCode.BundleVersionUnknown,
                        "the bundle's mediaType is " + Refusal.quote(mediaType)
                                + "; versions 0.1 to 0.3 are supported"));
        Json material = bundle.object("verificationMaterial");
        var entries = new ArrayList<LogEntry>();
        for (Json entry : material.objects("tlogEntries", MAX_ENTRIES)) {
            entries.add(LogEntry.parse(entry));
        }
        var timestamps = new ArrayList<byte[]>();
        Optional<Json> timestampData = material.optionalObject("timestampVerificationData");
        if (timestampData.isPresent()) {
            for (Json timestamp : timestampData.get().objects("rfc3161Timestamps", MAX_TIMESTAMPS)) {
                timestamps.add(timestamp.bytes("signedTimestamp"));
            }
        }
        return new Bundle(version, material(material, version), entries, timestamps, SignedContent.parse(bundle));
    }

    private static Material material(Json material, Version version) throws Refusal {
        var given = new ArrayList<Json>();
        for (String field : List.of("certificate", "x509CertificateChain", "publicKey")) {
            material.optionalObject(field).ifPresent(given::add);
        }
        if (given.size() != 1) {
            throw malformed("it must have one of certificate, x509CertificateChain and publicKey");
        }
        Json it = given.getFirst();
        if (material.has("publicKey")) {
            return new Material.Key();
        }
        if (material.has("certificate")) {
            return new Material.Certificate(certificate(it), List.of());
        }
        if (version == Version.V0_3) {
            throw malformed("version 0.3 has one certificate, not a chain");
        }
        var chain = new ArrayList<X509Certificate>();
        for (Json certificate : it.objects("certificates", MAX_CERTIFICATES)) {
            chain.add(certificate(certificate));
        }
        if (chain.isEmpty()) {
            throw malformed("its certificate chain is empty");
        }
        // Anchors come only from the trust root. A root in the bundle could only be meant to be trusted by mistake.
        if (chain.stream().anyMatch(Certificates::isSelfIssued)) {
            throw Refusal.rejected(
                    RejectionCode.CertificateChainHasRoot,
                    "the bundle's certificate chain contains a root certificate");
        }
        return new Material.Certificate(chain.getFirst(), List.copyOf(chain.subList(1, chain.size())));
    }

    private static X509Certificate certificate(Json certificate) throws Refusal {
        return Certificates.parse(certificate.bytes("rawBytes"))
                .orElseThrow(() -> Refusal.rejected(
                        RejectionCode.CertificateMalformed, "the bundle's certificate cannot be parsed"));
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.BundleMalformed, "the bundle is malformed: " + message);
    }
}
