package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.cosign.LegacySignature;
import dev.cleanroom.operator.trust.policy.Tally.Conclusion;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import dev.cleanroom.operator.trust.sigstore.Signing;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Attacks G, and D8: what policies ask for, and what does not count. */
class PolicyAttacksTest extends Judging {
    @Test
    void d8AttestationThatIsTooOld() {
        TrustPolicy policy = policy(ci(), "attestations: [{name: sbom, predicateType: \"" + SBOM + "\", maxAge: 24h}]");
        byte[] signature = signed(signing -> {});
        byte[] sbom = signed(attesting(SBOM, "{}"));
        now = PrivateSigstore.SIGNED.plus(Duration.ofHours(24));
        assertThat(outcome(policy, signature, sbom)).isEqualTo("Accepted");
        now = now.plusSeconds(1);
        assertThat(outcome(policy, signature, sbom)).isEqualTo("AttestationTooOld");

        Consumer<Signing> stampedAgain = attesting(SBOM, "{}").andThen(signing -> {
            signing.stamped = true;
            signing.stampedAt = PrivateSigstore.SIGNED.plusSeconds(300);
        });
        assertThat(outcome(policy, signature, signed(stampedAgain)))
                .as("a later stamp makes it no younger")
                .isEqualTo("AttestationTooOld");
        assertThat(outcome(policy, signature, sbom, signed(attesting(SBOM, "{}").andThen(signing -> {
                    signing.issued = now;
                    signing.logged = now;
                }))))
                .as("a new one beside the old one")
                .isEqualTo("Accepted");
    }

    @Test
    void d8NobodySaysWhenAKeySigned() {
        TrustPolicy policy = policy(
                ci() + ", " + byKey("release", release),
                "threshold: 1",
                "attestations: [{name: sbom, predicateType: \"" + SBOM + "\", maxAge: 24h}]");
        assertThat(outcome(policy, signedBy(release), attestedBy(release, SBOM, "{}")))
                .isEqualTo("AttestationTimeUnknown");
    }

    @Test
    void g1OneSignerIsNotTwo() {
        assertThat(outcome(
                        policy(byKey("release", release) + ", " + byKey("again", release)),
                        signedBy(release),
                        signedBy(release)))
                .as("one key under two names")
                .isEqualTo("ThresholdNotMet");
        assertThat(outcome(
                        policy(byKey("release", release) + ", " + byKey("security", security)),
                        signedBy(release),
                        signedBy(release)))
                .as("one signer twice")
                .isEqualTo("ThresholdNotMet");
        assertThat(outcome(
                        policy(ci() + ", " + byIdentity("any", "subjectPattern: \"https://git.example.com/.*\"")),
                        signed(signing -> {}),
                        signed(signing -> {})))
                .as("one identity that two authorities name, with two certificates")
                .isEqualTo("ThresholdNotMet");
    }

    @Test
    void g1TwoSignersAreTwo() {
        TrustPolicy mixed = policy(byKey("release", release) + ", " + ci());
        assertThat(outcome(mixed, signedBy(release), signed(signing -> {}))).isEqualTo("Accepted");
        Conclusion one = judge(mixed, signedBy(release));
        assertThat(outcome(one)).isEqualTo("ThresholdNotMet");
        assertThat(message(one))
                .contains(
                        "Policy builders requires 2 signatures, of which 1 was found, by key sha256:",
                        "not signed by: ci")
                .doesNotContain("do not count");

        TrustPolicy overlapping =
                policy(ci() + ", " + byIdentity("any", "subjectPattern: \"https://git.example.com/.*\""));
        assertThat(outcome(overlapping, signed(signing -> {}), signed(as(SOMEBODY))))
                .as("the one that both name is counted for whom nobody else signed")
                .isEqualTo("Accepted");
    }

    @Test
    void g3ExpressionsThatCannotBeAnswered() {
        for (String expression : new String[] {
            "predicate.not.there == 'x'", "predicate.id == 7", "predicate.list.all(x, x > 1)", "predicate.id"
        }) {
            TrustPolicy policy = policy(
                    byKey("release", release),
                    "attestations: [{name: provenance, predicateType: \"" + PROVENANCE + "\", cel: \"" + expression
                            + "\"}]");
            assertThat(outcome(
                            policy,
                            signedBy(release),
                            attestedBy(release, PROVENANCE, "{\"id\":\"x\",\"list\":[\"a\"]}")))
                    .as(expression)
                    .isEqualTo("PredicateRefused");
        }
    }

    @Test
    void g3ExpressionsThatTakeTooMuch() {
        String list = "0,".repeat(5_000) + "0";
        for (String expression : new String[] {
            "predicate.list.all(x, predicate.list == predicate.list) || true",
            "predicate.list.map(x, predicate.list + predicate.list).size() > 0",
            "predicate.list.map(x, predicate.id + predicate.id + predicate.id).size() > 0",
            "!predicate.list.exists(x, predicate.id.matches('^(a?){300}b'))",
            "!predicate.list.exists(x, predicate.id.contains(predicate.id + 'b'))"
        }) {
            TrustPolicy policy = policy(
                    byKey("release", release),
                    "attestations: [{name: provenance, predicateType: \"" + PROVENANCE + "\", cel: \"" + expression
                            + "\"}]");
            Tally.Conclusion conclusion = judge(
                    policy,
                    signedBy(release),
                    attestedBy(release, PROVENANCE, "{\"id\":\"" + "a".repeat(2_000) + "\",\"list\":[" + list + "]}"));
            assertThat(outcome(conclusion)).as(expression).isEqualTo("PredicateRefused");
            assertThat(message(conclusion)).as(expression).contains("it takes more than 5000000 steps");
        }
    }

    @Test
    void g4AttestationOfAnotherAuthority() {
        String trusted = "{\"runDetails\":{\"builder\":{\"id\":\"https://builder.example.com/trusted\"}}}";
        String cel = "cel: \"predicate.runDetails.builder.id == 'https://builder.example.com/trusted'\"";
        TrustPolicy policy = policy(
                ci() + ", " + byKey("release", release),
                "threshold: 1",
                "attestations: [{name: provenance, predicateType: \"" + PROVENANCE + "\", authorities: [ci], " + cel
                        + "}]");
        byte[] signature = signedBy(release);
        assertThat(outcome(policy, signature, signed(attesting(PROVENANCE, trusted))))
                .isEqualTo("Accepted");
        assertThat(outcome(policy, signature, attestedBy(release, PROVENANCE, trusted)))
                .as("an authority, but not the one whose word is wanted")
                .isEqualTo("CertificateMissing");
        assertThat(outcome(
                        policy, signature, signed(attesting(PROVENANCE, trusted).andThen(as(SOMEBODY)))))
                .as("anybody can write the builder's name")
                .isEqualTo("IdentityMismatch");
        assertThat(outcome(policy, signature, attestedBy(security, PROVENANCE, trusted)))
                .isEqualTo("CertificateMissing");
    }

    @Test
    void g5ParametersNobodyExpects() {
        TrustPolicy policy = policy(
                byKey("release", release),
                "attestations: [{name: provenance, predicateType: \"" + PROVENANCE
                        + "\", cel: \"predicate.buildDefinition.externalParameters.all(name, name in ['source', 'config'])\"}]");
        String parameters = "{\"buildDefinition\":{\"externalParameters\":{\"source\":1%s}}}";
        assertThat(outcome(policy, signedBy(release), attestedBy(release, PROVENANCE, parameters.formatted(""))))
                .isEqualTo("Accepted");
        assertThat(outcome(
                        policy,
                        signedBy(release),
                        attestedBy(release, PROVENANCE, parameters.formatted(",\"run\":\"curl\""))))
                .isEqualTo("PredicateRefused");
    }

    @Test
    void g7TrustRootThatWasReplaced() {
        TrustPolicy policy = policy(ci());
        byte[] signature = signed(signing -> {});
        var sets = new PolicySets();
        PolicySet before = sets.of(List.of(policy), configMaps());
        assertThat(outcome(judge(before, signature))).isEqualTo("Accepted");
        trustRoot = new PrivateSigstore().trustRootJson().toString();
        PolicySet after = sets.of(List.of(policy), configMaps());
        assertThat(after.fingerprint()).isNotEqualTo(before.fingerprint());
        assertThat(outcome(judge(after, signature))).isEqualTo("CertificateUntrusted");
    }

    @Test
    void g8FormatThatIsNotAccepted() {
        String payload =
                "{\"critical\":{\"identity\":{\"docker-reference\":\"x\"},\"image\":{\"docker-manifest-digest\":\"sha256:"
                        + Signing.IMAGE.hex() + "\"},\"type\":\"cosign container image signature\"},\"optional\":null}";
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        var legacy = new LegacySignature(
                bytes,
                Map.of(
                        "dev.cosignproject.cosign/signature",
                        PrivateSigstore.base64(PrivateSigstore.sign(release.getPrivate(), bytes))));
        for (String formats : new String[] {"", "formats: [bundle, cosign]", "formats: [cosign]"}) {
            assertThat(legacy(policy(byKey("release", release), formats), legacy))
                    .isEqualTo("Accepted");
        }
        assertThat(legacy(policy(byKey("release", release), "formats: [bundle]"), legacy))
                .isEqualTo("SignatureMissing");
        assertThat(outcome(policy(byKey("release", release), "formats: [cosign]"), signedBy(release)))
                .isEqualTo("SignatureMissing");
    }

    private String legacy(TrustPolicy policy, LegacySignature signature) {
        PolicySet set = set(policy);
        var tally =
                new Tally(set.matching(MAVEN), set.denials(), MAVEN, Signing.IMAGE, Clock.fixed(now, ZoneOffset.UTC));
        tally.legacySignature(signature);
        return outcome(tally.conclude(Optional.empty()));
    }

    @Test
    void g10SignaturesOfADeniedSigner() {
        TrustPolicy policy = policy(byKey("release", release) + ", " + ci(), "threshold: 1");
        TrustPolicy denied = Policies.named(
                "denied",
                "deny: {signers: [{subject: \"" + Signing.SUBJECT + "\", issuer: \"" + Signing.ISSUER + "\"}]}");
        assertThat(outcome(judge(set(policy), signed(signing -> {})))).isEqualTo("Accepted");
        assertThat(outcome(judge(set(policy, denied), signed(signing -> {})))).isEqualTo("SignerDenied");
        assertThat(outcome(judge(set(policy, denied), signed(signing -> {}), signedBy(release))))
                .as("the others' signatures still count")
                .isEqualTo("Accepted");

        TrustPolicy attested = policy(
                byKey("release", release) + ", " + ci(),
                "threshold: 1",
                "attestations: [{name: sbom, predicateType: \"" + SBOM + "\"}]");
        assertThat(outcome(judge(set(attested, denied), signedBy(release), signed(attesting(SBOM, "{}")))))
                .isEqualTo("SignerDenied");
    }
}
