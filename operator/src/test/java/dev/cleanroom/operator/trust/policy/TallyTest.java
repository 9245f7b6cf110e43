package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Format;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.policy.Tally.Conclusion;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Signing;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is concluded from the proofs, with which code, and what the message says. */
class TallyTest extends Judging {
    private static final byte[] GARBAGE = "garbage".getBytes(StandardCharsets.UTF_8);

    @Test
    void whoSignedIsNamed() {
        Conclusion.Accepted accepted = (Conclusion.Accepted)
                judge(policy(byKey("release", release) + ", " + ci()), signedBy(release), signed(signing -> {}));
        assertThat(accepted.policies())
                .singleElement()
                .satisfies(by -> assertThat(by.policy()).isEqualTo(new Policy.Id("builders", 1)))
                .satisfies(by -> assertThat(by.signers())
                        .hasSize(2)
                        .anyMatch(signer -> signer.matches("key sha256:[0-9a-f]{64}"))
                        .contains(Signing.SUBJECT + " (" + Signing.ISSUER + ")"));
        assertThat(accepted.until()).isEmpty();
    }

    @Test
    void acceptanceEndsWhenTheFirstAttestationBecomesTooOld() {
        String attestation = "{name: %s, predicateType: \"%s\", maxAge: %s}";
        Conclusion.Accepted accepted = (Conclusion.Accepted) judge(
                policy(
                        ci(),
                        "attestations: [" + attestation.formatted("sbom", SBOM, "48h") + ", "
                                + attestation.formatted("provenance", PROVENANCE, "30h") + "]"),
                signed(signing -> {}),
                signed(attesting(SBOM, "{}")),
                signed(attesting(PROVENANCE, "{}")));
        assertThat(accepted.until()).contains(PrivateSigstore.SIGNED.plus(Duration.ofHours(30)));
    }

    @Test
    void theSignatureThatCameClosestIsTold() {
        Conclusion conclusion = judge(policy(ci()), signedBy(security), signed(as(SOMEBODY)), GARBAGE);
        assertThat(outcome(conclusion)).isEqualTo("IdentityMismatch");
        assertThat(message(conclusion)).contains(SOMEBODY, "CertificateMissing", "BundleMalformed");
        assertThat(outcome(policy(byKey("release", release)), signedBy(security)))
                .isEqualTo("SignatureInvalid");
        assertThat(outcome(policy(byKey("release", release)), signed(signing -> {})))
                .isEqualTo("CertificateUnexpected");
        assertThat(outcome(policy(byKey("release", release)))).isEqualTo("SignatureMissing");
    }

    /** And one that counts for an authority is not told as refused by the others. */
    @Test
    void whereTooFewSignedTheOtherSignaturesAreToldByTheirCodes() {
        TrustPolicy policy = policy(byKey("release", release) + ", " + byKey("security", security) + ", " + ci());
        TrustPolicy denied = Policies.named(
                "denied",
                "deny: {signers: [{subject: \"" + Signing.SUBJECT + "\", issuer: \"" + Signing.ISSUER + "\"}]}");
        Conclusion conclusion = judge(
                set(policy, denied),
                signedBy(release),
                signed(as(SOMEBODY)),
                signed(as(SOMEBODY)),
                signed(signing -> {}),
                attestedBy(release, SBOM, "{}"),
                GARBAGE);
        assertThat(outcome(conclusion)).isEqualTo("ThresholdNotMet");
        assertThat(message(conclusion))
                .matches("Policy builders requires 3 signatures, of which 1 was found, by key sha256:[0-9a-f]{64};"
                        + " not signed by: security, ci; signatures that do not count:"
                        + " 1 BundleMalformed, 2 IdentityMismatch, 1 SignerDenied\\. Use an image .+");
    }

    @Test
    void whereTwoOfThreeSignedBothAreCounted() {
        TrustPolicy policy = policy(byKey("release", release) + ", " + byKey("security", security) + ", " + ci());
        assertThat(message(judge(policy, signedBy(release), signedBy(security))))
                .startsWith("Policy builders requires 3 signatures, of which 2 were found, by key sha256:")
                .contains("; not signed by: ci");
    }

    @Test
    void everyPolicyThatIsNotMetIsNamed() {
        TrustPolicy met = Policies.named("met", IMAGES + "authorities: [" + byKey("release", release) + "]");
        TrustPolicy other = Policies.named("other", IMAGES + "authorities: [" + byKey("security", security) + "]");
        Conclusion conclusion = judge(set(policy(byKey("security", security)), met, other), signedBy(release));
        assertThat(outcome(conclusion)).isEqualTo("SignatureInvalid");
        assertThat(((Conclusion.Rejected) conclusion).by())
                .containsExactlyInAnyOrder(new Policy.Id("builders", 1), new Policy.Id("other", 1));
    }

    @Test
    void anAttestationIsNoSignatureAndASignatureNoAttestation() {
        TrustPolicy policy =
                policy(byKey("release", release), "attestations: [{name: sbom, predicateType: \"" + SBOM + "\"}]");
        assertThat(outcome(policy, attestedBy(release, SBOM, "{}"))).isEqualTo("PredicateTypeUnexpected");
        Conclusion unattested = judge(policy, signedBy(release));
        assertThat(outcome(unattested)).isEqualTo("AttestationMissing");
        assertThat(message(unattested)).contains("sbom", SBOM);
        assertThat(outcome(policy, signedBy(release), attestedBy(security, SBOM, "{}")))
                .isEqualTo("SignatureInvalid");
        assertThat(outcome(policy, signedBy(release), attestedBy(release, PROVENANCE, "{}")))
                .isEqualTo("AttestationMissing");
        assertThat(outcome(policy, attestedBy(release, SBOM, "{}"), signedBy(release)))
                .as("in any order")
                .isEqualTo("Accepted");
    }

    /** A valid proof stays valid, regardless of other artifacts. */
    @Test
    void garbageChangesNothing() {
        byte[][] all = Stream.of(GARBAGE, new byte[0], signedBy(security), signed(as(SOMEBODY)), signedBy(release))
                .toArray(byte[][]::new);
        assertThat(outcome(policy(byKey("release", release)), all)).isEqualTo("Accepted");
    }

    @Test
    void garbageIsCountedWhereSomethingIsMissing() {
        PolicySet policies = set(policy(byKey("release", release)));
        var tally = tally(policies);
        tally.unusable("TooLarge", 1);
        tally.unusable("Malformed", 3);
        tally.unusable("NotFound", 0);
        Conclusion conclusion = tally.conclude(Optional.empty());
        assertThat(outcome(conclusion)).isEqualTo("SignatureMissing");
        assertThat(message(conclusion))
                .contains("; attached artifacts that could not be used: 3 Malformed, 1 TooLarge. Use an image");
    }

    private Tally tally(PolicySet policies) {
        return new Tally(
                policies.matching(MAVEN), policies.denials(), MAVEN, Signing.IMAGE, Clock.fixed(now, ZoneOffset.UTC));
    }

    @Test
    void whatWasNotReadMayBeWhatIsMissing() {
        var unread = Optional.of(new Tally.Unread("Unavailable", "the registry answered HTTP 503"));
        PolicySet policies = set(policy(byKey("release", release) + ", " + byKey("security", security)));
        var tally = tally(policies);
        tally.bundle(signedBy(release));
        assertThat(outcome(tally.conclude(unread))).isEqualTo("Unavailable?");
        tally.bundle(signedBy(security));
        assertThat(outcome(tally.conclude(unread)))
                .as("what is there is enough")
                .isEqualTo("Accepted");
    }

    @Test
    void everyPolicyMustAccept() {
        TrustPolicy other = policy(byKey("security", security));
        other.getMetadata().setName("security");
        other.getMetadata().setUid("uid-of-security");
        PolicySet both = set(policy(byKey("release", release)), other);
        Conclusion one = judge(both, signedBy(release));
        assertThat(outcome(one)).isEqualTo("SignatureInvalid");
        assertThat(message(one)).startsWith("Not signed by security (policy security): ");
        assertThat(((Conclusion.Accepted) judge(both, signedBy(release), signedBy(security))).policies())
                .extracting(by -> by.policy().name())
                .containsExactly("builders", "security");
    }

    @Test
    void readingEndsWhenNothingCanChangeAnyMore() {
        PolicySet policies = set(policy(
                byKey("release", release),
                "formats: [bundle]",
                "attestations: [{name: sbom, predicateType: \"" + SBOM + "\"}]"));
        var tally = tally(policies);
        assertThat(tally.wants(Format.cosign)).isFalse();
        assertThat(tally.wants(Format.bundle)).isTrue();
        assertThat(tally.wantsAttestation(SBOM)).isTrue();
        assertThat(tally.wantsAttestation(PROVENANCE)).isFalse();
        assertThat(tally.wantsSignatures()).isTrue();
        tally.bundle(signedBy(release));
        assertThat(tally.wantsSignatures()).isFalse();
        assertThat(tally.wants(Format.bundle)).isTrue();
        tally.bundle(attestedBy(release, SBOM, "{}"));
        assertThat(tally.wants(Format.bundle)).isFalse();
        assertThat(tally.wantsAttestations()).isFalse();
        assertThat(tally.wantsAttestation(SBOM)).isFalse();
    }

    @Test
    void noPolicyAcceptsNothing() {
        assertThatThrownBy(() -> new Tally(List.of(), Denials.NONE, MAVEN, Signing.IMAGE, Clock.systemUTC()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** 8 MiB of empty objects would take a quarter of a gigabyte, and whoever may push can attach it. */
    @Test
    void aStatementOfManyTinyPartsIsRefused() {
        TrustPolicy policy =
                policy(byKey("release", release), "attestations: [{name: sbom, predicateType: \"" + SBOM + "\"}]");
        String parts = Stream.generate(() -> "{}").limit(200_000).collect(Collectors.joining(",", "{\"x\":[", "]}"));
        assertThat(outcome(policy, signedBy(release), attestedBy(release, SBOM, parts)))
                .isEqualTo("StatementMalformed");
        assertThat(outcome(policy, signedBy(release), parts.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("BundleMalformed");
    }
}
