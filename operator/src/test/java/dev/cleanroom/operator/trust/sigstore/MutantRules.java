package dev.cleanroom.operator.trust.sigstore;

import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.JSON;
import static dev.cleanroom.operator.trust.sigstore.PrivateSigstore.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.sample.Sample;
import dev.cleanroom.operator.trust.sigstore.Expectation.Purpose;
import dev.cleanroom.operator.trust.sigstore.Mutants.Mutant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bouncycastle.tsp.TimeStampResponse;

/** What is wrong when a field of a right signature is changed or gone, and which fields decide nothing. */
public final class MutantRules {
    private static final String STAMP = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0";
    private static final String STAMPED = STAMP + "/signedTimestamp";
    private static final String LEGACY_STAMP = "/annotations/dev.sigstore.cosign~1rfc3161timestamp";
    private static final String CERTIFICATE = "/verificationMaterial/certificate/rawBytes";
    private static final String ENTRY = "/verificationMaterial/tlogEntries/0";
    private static final String LEGACY_ENTRY = "/annotations/dev.sigstore.cosign~1bundle";
    private static final Set<String> ENTRY_CODES = Set.of(
            "EntryMalformed",
            "EntryKindUnsupported",
            "EntryArtifactMismatch",
            "EntryVerifierMismatch",
            "EntrySignatureMismatch",
            // What no other check binds, such as the hash of the envelope.
            "PromiseInvalid",
            "InclusionProofInvalid");

    /** Of a field in one specimen. */
    private static final int MOST_BYTES = 100;

    private static final String UNSIGNED = "status, versions, certificates: bytes around what the authority signed";

    /** By field; one that ends in {@code !} is for whatever is inside it and has no row of its own. */
    private static final Map<String, Set<String>> CODES = Map.ofEntries(
            Map.entry("/dsseEnvelope", Set.of("BundleMalformed")),
            Map.entry("/dsseEnvelope/payload", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/dsseEnvelope/payload!", Set.of("SignatureInvalid")),
            Map.entry("/dsseEnvelope/payloadType", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/dsseEnvelope/signatures", Set.of("SignatureCountWrong")),
            Map.entry("/dsseEnvelope/signatures/0", Set.of("SignatureCountWrong")),
            Map.entry("/dsseEnvelope/signatures/0/sig", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/mediaType", Set.of("BundleMalformed", "BundleVersionUnknown")),
            Map.entry("/messageSignature", Set.of("BundleMalformed")),
            Map.entry("/messageSignature/messageDigest", Set.of("BundleMalformed")),
            Map.entry("/messageSignature/messageDigest/algorithm", Set.of("AlgorithmUnsupported", "BundleMalformed")),
            Map.entry("/messageSignature/messageDigest/digest", Set.of("BundleMalformed", "MessageDigestMismatch")),
            Map.entry("/messageSignature/signature", Set.of("BundleMalformed", "SignatureInvalid")),
            Map.entry("/verificationMaterial", Set.of("BundleMalformed")),
            Map.entry("/verificationMaterial/certificate", Set.of("BundleMalformed")),
            Map.entry(CERTIFICATE, Set.of("BundleMalformed", "CertificateMalformed", "CertificateUntrusted")),
            Map.entry("/verificationMaterial/publicKey", Set.of("BundleMalformed")),
            Map.entry("/verificationMaterial/timestampVerificationData", Set.of("NoTrustedTime", "TimestampMissing")),
            Map.entry(
                    "/verificationMaterial/timestampVerificationData/rfc3161Timestamps",
                    Set.of("NoTrustedTime", "TimestampMissing")),
            Map.entry(STAMP, Set.of("NoTrustedTime", "TimestampMissing")),
            Map.entry(
                    STAMPED,
                    Set.of("BundleMalformed", "TimestampMalformed", "TimestampMismatch", "TimestampUntrusted")),
            Map.entry("/verificationMaterial/tlogEntries", Set.of("EntryMissing")),
            Map.entry(ENTRY, Set.of("EntryMissing")),
            Map.entry(
                    ENTRY + "/canonicalizedBody",
                    Set.of(
                            "BundleMalformed",
                            "EntryMalformed",
                            "EntryArtifactMismatch",
                            "EntryVerifierMismatch",
                            "EntrySignatureMismatch",
                            "PromiseInvalid",
                            "InclusionProofInvalid")),
            Map.entry(ENTRY + "/canonicalizedBody!", ENTRY_CODES),
            Map.entry(ENTRY + "/inclusionPromise", Set.of("NoTrustedTime")),
            Map.entry(ENTRY + "/inclusionPromise/signedEntryTimestamp", Set.of("BundleMalformed", "PromiseInvalid")),
            Map.entry(ENTRY + "/inclusionProof", Set.of("InclusionProofMissing")),
            Map.entry(ENTRY + "/inclusionProof/checkpoint", Set.of("CheckpointMissing")),
            Map.entry(
                    ENTRY + "/inclusionProof/checkpoint/envelope",
                    Set.of(
                            "BundleMalformed",
                            "CheckpointMalformed",
                            "CheckpointMismatch",
                            "CheckpointNotByLog",
                            "CheckpointSignatureInvalid")),
            Map.entry(ENTRY + "/inclusionProof/hashes", Set.of("InclusionProofInvalid")),
            Map.entry(ENTRY + "/inclusionProof/hashes/0", Set.of("InclusionProofInvalid")),
            Map.entry(ENTRY + "/inclusionProof/logIndex", Set.of("InclusionProofInvalid")),
            Map.entry(ENTRY + "/inclusionProof/rootHash", Set.of("BundleMalformed", "InclusionProofInvalid")),
            Map.entry(ENTRY + "/inclusionProof/treeSize", Set.of("BundleMalformed", "InclusionProofInvalid")),
            Map.entry(ENTRY + "/integratedTime", Set.of("PromiseInvalid")),
            Map.entry(ENTRY + "/kindVersion", Set.of("BundleMalformed")),
            Map.entry(ENTRY + "/kindVersion/kind", Set.of("BundleMalformed", "EntryMalformed")),
            Map.entry(ENTRY + "/kindVersion/version", Set.of("BundleMalformed", "EntryMalformed")),
            Map.entry(ENTRY + "/logId", Set.of("BundleMalformed")),
            Map.entry(ENTRY + "/logId/keyId", Set.of("BundleMalformed", "LogUnknown")),
            Map.entry(ENTRY + "/logIndex", Set.of("PromiseInvalid", "InclusionProofInvalid")),
            // The format before bundles.
            Map.entry("/payload", Set.of("PayloadMalformed", "SignatureInvalid")),
            Map.entry("/payload!", Set.of("SignatureInvalid")),
            Map.entry("/payload!/payload", Set.of("PayloadMalformed", "SignatureInvalid")),
            Map.entry("/payload!/payloadType", Set.of("PayloadMalformed", "SignatureInvalid")),
            Map.entry("/payload!/signatures", Set.of("SignatureCountWrong")),
            Map.entry("/payload!/signatures/0", Set.of("SignatureCountWrong")),
            Map.entry("/payload!/signatures/0/keyid", Set.of("TimestampMismatch")),
            Map.entry("/payload!/signatures/0/sig", Set.of("PayloadMalformed", "SignatureInvalid")),
            Map.entry("/annotations", Set.of("SignatureInvalid", "CertificateMissing", "EntryMissing")),
            Map.entry("/annotations/dev.cosignproject.cosign~1signature", Set.of("SignatureInvalid")),
            Map.entry(
                    "/annotations/dev.sigstore.cosign~1certificate",
                    Set.of("CertificateMissing", "CertificateMalformed", "CertificateUntrusted")),
            Map.entry(
                    LEGACY_ENTRY,
                    Set.of(
                            "EntryMissing",
                            "EntryMalformed",
                            "EntryArtifactMismatch",
                            "EntryVerifierMismatch",
                            "EntrySignatureMismatch")),
            Map.entry(LEGACY_ENTRY + "!", Set.of("AnnotationMalformed", "PromiseInvalid", "LogUnknown")),
            Map.entry(
                    LEGACY_ENTRY + "!/Payload/body",
                    Set.of(
                            "AnnotationMalformed",
                            "EntryMalformed",
                            "EntryArtifactMismatch",
                            "EntryVerifierMismatch",
                            "EntrySignatureMismatch",
                            "PromiseInvalid")),
            Map.entry(LEGACY_ENTRY + "!/Payload/body!", ENTRY_CODES),
            Map.entry(LEGACY_STAMP, Set.of("TimestampMissing", "TimestampMalformed")),
            Map.entry(
                    LEGACY_STAMP + "!/SignedRFC3161Timestamp",
                    Set.of("AnnotationMalformed", "TimestampMalformed", "TimestampMismatch", "TimestampUntrusted")));

    /** A field whose change may change nothing, and in which mutants. */
    private record Harmless(String field, BiPredicate<Specimen, ObjectNode> where, String because) {}

    private static final List<Harmless> HARMLESS = List.of(
            new Harmless(
                    "/verificationMaterial/publicKey/hint",
                    MutantRules::always,
                    "a hint: whoever verifies has the key (sigstore_common.proto, PublicKeyIdentifier)"),
            new Harmless(
                    ENTRY + "/inclusionPromise",
                    (specimen, mutant) -> specimen.given().byKey(),
                    "its proof is there, and a key needs no time"),
            new Harmless(
                    "/payload!/signatures/0/keyid",
                    (specimen, mutant) -> !isStamped(specimen),
                    "a hint that nobody signs (DSSE, envelope.md); a stamp is over all of the envelope"),
            new Harmless(
                    "/annotations/dev.cosignproject.cosign~1signature",
                    (specimen, mutant) -> isAttestation(specimen),
                    "an attestation has its signature in its envelope (cosign, SIGNATURE_SPEC.md)"),
            new Harmless(
                    "/annotations/predicateType",
                    MutantRules::always,
                    "a hint for who searches: the signed statement says it"),
            new Harmless(
                    "/annotations/dev.sigstore.cosign~1chain",
                    MutantRules::always,
                    "issuers come from the trust root alone"),
            new Harmless(
                    "/annotations",
                    (specimen, mutant) ->
                            isAttestation(specimen) && specimen.given().root().isEmpty(),
                    "an attestation by key alone needs none of them"),
            new Harmless(STAMPED, MutantRules::signedIsUnchanged, UNSIGNED),
            new Harmless(LEGACY_STAMP, MutantRules::signedIsUnchanged, UNSIGNED),
            new Harmless(LEGACY_STAMP + "!/SignedRFC3161Timestamp", MutantRules::signedIsUnchanged, UNSIGNED));

    private MutantRules() {}

    /** Fields, and byte by byte what is DER inside. */
    public static Stream<Mutant> mutants(Specimen right) {
        return Stream.concat(
                Mutants.of(right.json()).stream(),
                bytes(
                        right,
                        all -> Sample.of(
                                "bytes of certificates and timestamps, a bit of each changed", MOST_BYTES, all),
                        i -> i % 8));
    }

    /** Every byte of certificate and timestamp. */
    public static Stream<Mutant> bytes(Specimen right, IntUnaryOperator bit) {
        return bytes(right, all -> all, bit);
    }

    private static Stream<Mutant> bytes(Specimen right, UnaryOperator<List<Integer>> some, IntUnaryOperator bit) {
        return Stream.of(CERTIFICATE, STAMPED)
                .filter(field -> right.json().at(field).isTextual())
                .flatMap(field -> Mutants.bytes(right.json(), field, some, bit));
    }

    /** It is refused with the code of its field; or nothing is lost in it, and it says no more than the right one. */
    public static void mustHold(Specimen right, Mutant mutant) {
        VerificationResult result = right.result(mutant.json());
        String what = right + ": " + mutant.path() + " " + mutant.how();
        switch (result) {
            case VerificationResult.Accepted accepted -> {
                assertThat(HARMLESS)
                        .as(what)
                        .anyMatch(it ->
                                it.field().equals(mutant.path()) && it.where().test(right, mutant.json()));
                var unchanged = (VerificationResult.Accepted) right.result(right.json());
                assertThat(accepted.signer()).as(what).isEqualTo(unchanged.signer());
                assertThat(accepted.statement()).as(what).isEqualTo(unchanged.statement());
                assertThat(unchanged.times()).as(what).containsAll(accepted.times());
            }
            case VerificationResult.Refused refused ->
                assertThat(codes(mutant.path())).as(what).contains(refused.reason());
        }
    }

    private static Set<String> codes(String field) {
        for (String known = field; ; known = known.substring(0, known.lastIndexOf('!', known.length() - 2) + 1)) {
            if (known.isEmpty() || CODES.containsKey(known)) {
                return CODES.getOrDefault(known, Set.of());
            }
        }
    }

    private static boolean always(Specimen specimen, ObjectNode mutant) {
        return true;
    }

    private static boolean isAttestation(Specimen specimen) {
        return specimen.given().purpose() instanceof Purpose.Attestation;
    }

    private static boolean isStamped(Specimen specimen) {
        return specimen.json().path("annotations").has("dev.sigstore.cosign/rfc3161timestamp");
    }

    private static boolean signedIsUnchanged(Specimen right, ObjectNode mutant) {
        return signed(right.json()).isPresent() && signed(right.json()).equals(signed(mutant));
    }

    /** What the authority's signature is over, and the signature. */
    private static Optional<List<String>> signed(ObjectNode json) {
        try {
            String legacy = json.at(LEGACY_STAMP).asText();
            String stamp = legacy.isEmpty()
                    ? json.at(STAMPED).asText()
                    : JSON.readTree(legacy).path("SignedRFC3161Timestamp").asText();
            var token = new TimeStampResponse(Base64.getDecoder().decode(stamp)).getTimeStampToken();
            var signer = token.toCMSSignedData().getSignerInfos().iterator().next();
            return Optional.of(List.of(
                    base64(token.getTimeStampInfo().getEncoded()),
                    base64(signer.getEncodedSignedAttributes()),
                    base64(signer.getSignature())));
        } catch (Exception e) {
            return Optional.empty(); // no timestamp any more
        }
    }
}
