package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.policy.Tally.Conclusion;
import dev.cleanroom.operator.trust.sigstore.Signing;
import org.junit.jupiter.api.Test;

/** Policies that no signature of the image has to meet, and what they say of an attestation that is not the right one. */
class AttestationsAloneTest extends Judging {
    private static final String WANTED = "attestations: [{name: provenance, predicateType: \"" + PROVENANCE + "\"}]";
    private static final String ALONE = "threshold: 0\n" + WANTED;

    private TrustPolicy byRelease() {
        return policy(byKey("release", release), ALONE);
    }

    @Test
    void anAttestationIsEnoughAndItsSignerIsNamed() {
        Conclusion accepted = judge(byRelease(), attestedBy(release, PROVENANCE, "{}"));
        assertThat(accepted)
                .isInstanceOfSatisfying(
                        Conclusion.Accepted.class,
                        by -> assertThat(by.policies())
                                .singleElement()
                                .satisfies(policy -> assertThat(policy.signers())
                                        .singleElement()
                                        .asString()
                                        .matches("key sha256:[0-9a-f]{64}")));
        assertThat(outcome(policy(ci(), ALONE), signed(attesting(PROVENANCE, "{}"))))
                .as("by identity")
                .isEqualTo("Accepted");
    }

    /** A policy from before stays as strict as it was. */
    @Test
    void withoutThatFieldASignatureIsRequiredAndTheFieldIsNamed() {
        TrustPolicy both = policy(byKey("release", release), WANTED);
        Conclusion rejected = judge(both, attestedBy(release, PROVENANCE, "{}"));
        assertThat(outcome(rejected)).isEqualTo("PredicateTypeUnexpected");
        assertThat(message(rejected))
                .contains(
                        "Its attestations satisfy the policy: if they are enough, an administrator sets spec.threshold"
                                + " of the policy to 0. Use an image");
        assertThat(message(judge(both))).doesNotContain("spec.threshold");
    }

    @Test
    void withoutTheAttestationNothingIsAccepted() {
        assertThat(outcome(byRelease())).isEqualTo("AttestationMissing");
        assertThat(outcome(byRelease(), signedBy(release))).isEqualTo("AttestationMissing");
        assertThat(message(judge(byRelease(), signedBy(release))))
                .startsWith("Attestation provenance (" + PROVENANCE + ") by release is missing, and policy builders"
                        + " requires it. Use an image")
                .contains("cosign attest --type " + PROVENANCE);
    }

    @Test
    void everyAttestationIsRequired() {
        TrustPolicy two = policy(
                byKey("release", release) + ", " + byKey("security", security),
                "threshold: 0\nattestations: [{name: provenance, predicateType: \"" + PROVENANCE
                        + "\", authorities: [release]}, {name: sbom, predicateType: \"" + SBOM
                        + "\", authorities: [security]}]");
        byte[] provenance = attestedBy(release, PROVENANCE, "{}");
        assertThat(outcome(two, provenance)).isEqualTo("AttestationMissing");
        assertThat(outcome(two, provenance, attestedBy(security, SBOM, "{}"))).isEqualTo("Accepted");
        assertThat(outcome(two, provenance, attestedBy(release, SBOM, "{}")))
                .as("by the other authority")
                .isEqualTo("SignatureInvalid");
    }

    /** What counts as something else was not meant as the attestation that is missing. */
    @Test
    void aSignatureByAnotherAuthorityDoesNotLookLikeAWrongAttestation() {
        TrustPolicy signedAndAttested = policy(
                byKey("release", release) + ", " + ci(),
                "threshold: 1\nattestations: [{name: provenance, predicateType: \"" + PROVENANCE
                        + "\", authorities: [ci]}]");
        assertThat(outcome(signedAndAttested, signedBy(release))).isEqualTo("AttestationMissing");
    }

    @Test
    void anAttestationOfAnotherTypeIsNamedBesideTheOneThatIsWanted() {
        Conclusion rejected = judge(byRelease(), attestedBy(release, SBOM, "{}"));
        assertThat(outcome(rejected)).isEqualTo("AttestationMissing");
        assertThat(message(rejected))
                .contains("requires it. Another was found: the statement's predicateType is \"" + SBOM
                        + "\", and must be " + PROVENANCE);
    }

    @Test
    void anAttestationByAnotherAuthorityIsReportedAsSuch() {
        Conclusion byKey = judge(byRelease(), attestedBy(security, PROVENANCE, "{}"));
        assertThat(outcome(byKey)).isEqualTo("SignatureInvalid");
        assertThat(message(byKey))
                .startsWith("Attestation provenance (" + PROVENANCE + ") by release does not satisfy policy builders:"
                        + " the signature found is by another key");
        Conclusion byIdentity =
                judge(policy(ci(), ALONE), signed(attesting(PROVENANCE, "{}").andThen(as(SOMEBODY))));
        assertThat(outcome(byIdentity)).isEqualTo("IdentityMismatch");
        assertThat(message(byIdentity)).contains(SOMEBODY);
    }

    @Test
    void anAttestationOfAnotherImageNamesThatImage() {
        String other = "1".repeat(64);
        Conclusion rejected = judge(byRelease(), signed(signing -> {
            signing.byKey = true;
            signing.key = release;
            signing.predicateType = PROVENANCE;
            signing.payload = Signing.statement("https://in-toto.io/Statement/v1", other, PROVENANCE);
        }));
        assertThat(outcome(rejected)).isEqualTo("SubjectMismatch");
        assertThat(message(rejected))
                .contains("the statement is not about sha256:" + Signing.IMAGE.hex() + " but about sha256:" + other);
    }

    @Test
    void deniedSignersDoNotCount() {
        TrustPolicy denied = Policies.named(
                "denied",
                "deny: {signers: [{subject: \"" + Signing.SUBJECT + "\", issuer: \"" + Signing.ISSUER + "\"}]}");
        assertThat(outcome(judge(set(policy(ci(), ALONE), denied), signed(attesting(PROVENANCE, "{}")))))
                .isEqualTo("SignerDenied");
    }
}
