package dev.cleanroom.operator.trust;

import static dev.cleanroom.operator.trust.Deciding.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.LabRegistry;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.HostOptions;
import dev.cleanroom.operator.trust.registry.Patience;
import dev.cleanroom.operator.trust.registry.Registries;
import dev.cleanroom.operator.trust.registry.RegistryOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Whole decisions, against a real registry. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageVerifierTest {
    private static final ImageRequest.Tenant TEAM = new ImageRequest.Tenant("team", List.of(), List.of());

    private final List<ImageDecision> told = new CopyOnWriteArrayList<>();
    private LabRegistry lab;
    private Registries registries;
    private String pem;

    @BeforeAll
    void start(@TempDir Path dir) throws IOException {
        lab = LabRegistry.start("--referrers=" + hasReferrersApi(), "--builders", dir.toString());
        registries = new Registries(
                new RegistryOptions(Map.of(lab.address(), new HostOptions(true, true, List.of(), null))),
                Patience.DEFAULT,
                Clock.systemUTC());
        pem = Files.readString(dir.resolve("cosign.pub"));
    }

    @AfterAll
    void stop() {
        registries.close();
        lab.close();
    }

    boolean hasReferrersApi() {
        return true;
    }

    private ImageVerifier verifier() {
        return new ImageVerifier(
                registries,
                tenant -> new PullSecretSource.PullCredentials.Readable(Credentials.NONE),
                Clock.systemUTC(),
                Runnable::run,
                told::add);
    }

    private ImageDecision decide(PolicySet policies, String image, @Nullable String platform) {
        return verifier()
                .decide(new ImageRequest(lab.address() + "/" + image, platform, TEAM, policies))
                .join();
    }

    private ImageDecision decide(String image, TrustPolicy... policies) {
        return decide(Policies.set(policies), image, null);
    }

    private TrustPolicy builders(String... more) {
        return Policies.builders(lab.address(), pem, more);
    }

    @Test
    void whatTheKeySignedIsAcceptedAsItsDigestAndTheSignerIsNamed() {
        assertThat(decide("builders/maven:3.9", builders()))
                .isInstanceOfSatisfying(ImageDecision.Accepted.class, accepted -> {
                    assertThat(accepted.image().pinned())
                            .isEqualTo(lab.address() + "/builders/maven@"
                                    + accepted.image().digest());
                    assertThat(accepted.image().policies())
                            .singleElement()
                            .satisfies(by -> assertThat(by.policy().name()).isEqualTo("builders"))
                            .satisfies(by -> assertThat(by.signers())
                                    .singleElement()
                                    .asString()
                                    .matches("key sha256:[0-9a-f]{64}"));
                });
    }

    @Test
    void eachRefusalHasTheCodeOfItsReason() {
        assertThat(outcome(decide("builders/unsigned:1", builders()))).isEqualTo("SignatureMissing");
        assertThat(outcome(decide("builders/stranger:1", builders()))).isEqualTo("SignatureInvalid");
        assertThat(outcome(decide("agents/github-runner:2", builders()))).isEqualTo("NoMatchingPolicy");
        assertThat(outcome(decide("builders/maven:3.9"))).isEqualTo("NoMatchingPolicy");
        assertThat(outcome(decide("builders/none:1", builders()))).isEqualTo("NotFound?");
        assertThat(outcome(decide("builders/Maven:1", builders()))).isEqualTo("ReferenceMalformed");
    }

    @Test
    void aPinnedFormatStopsADowngrade() {
        assertThat(outcome(decide("builders/legacy:1", builders()))).isEqualTo("Accepted");
        assertThat(outcome(decide("builders/legacy:1", builders("formats: [cosign]"))))
                .isEqualTo("Accepted");
        assertThat(outcome(decide("builders/legacy:1", builders("formats: [bundle]"))))
                .isEqualTo("SignatureMissing");
        assertThat(outcome(decide("builders/maven:3.9", builders("formats: [cosign]"))))
                .isEqualTo("SignatureMissing");
    }

    @Test
    void attestationsMustBeThereAndTheirPredicatesHold() {
        String provenance = "{name: provenance, predicateType: https://slsa.dev/provenance/v1, cel: \"%s\"}";
        String trusted =
                provenance.formatted("predicate.runDetails.builder.id == 'https://builder.example.com/trusted'");
        String sbom = "{name: sbom, predicateType: https://cyclonedx.org/bom}";
        assertThat(outcome(decide("builders/attested:1", attested(trusted, sbom))))
                .isEqualTo("Accepted");
        assertThat(outcome(decide("builders/maven:3.9", attested(sbom)))).isEqualTo("AttestationMissing");
        assertThat(outcome(decide(
                        "builders/attested:1",
                        attested(provenance.formatted("predicate.runDetails.builder.id == 'x'")))))
                .isEqualTo("PredicateRefused");
        assertThat(outcome(decide("builders/attested:1", attested(provenance.formatted("predicate.not.there == 'x'")))))
                .isEqualTo("PredicateRefused");
        assertThat(outcome(decide(
                        "builders/attested:1",
                        attested("{name: sbom, predicateType: https://cyclonedx.org/bom, maxAge: 720h}"))))
                .isEqualTo("PolicyUnusable?");
    }

    private TrustPolicy attested(String... attestations) {
        return builders("attestations: [" + String.join(", ", attestations) + "]");
    }

    @Test
    void oneKeyUnderTwoNamesIsOneSigner() {
        String twice = "images: [\"%s/**\"]\nauthorities: [%s, %s]\n"
                .formatted(lab.address(), Policies.byKey("release", pem), Policies.byKey("again", pem));
        assertThat(outcome(decide("builders/maven:3.9", Policies.named("two", twice))))
                .isEqualTo("ThresholdNotMet");
        assertThat(outcome(decide("builders/maven:3.9", Policies.named("two", twice + "threshold: 1"))))
                .isEqualTo("Accepted");
    }

    @Test
    void everyPolicyAboutAnImageMustAcceptIt() {
        TrustPolicy attested = attested("{name: sbom, predicateType: https://cyclonedx.org/bom}");
        attested.getMetadata().setName("sboms");
        assertThat(outcome(decide("builders/maven:3.9", builders(), attested))).isEqualTo("AttestationMissing");
        assertThat(outcome(decide("builders/attested:1", builders(), attested))).isEqualTo("Accepted");
    }

    @Test
    void ofAnIndexTheImageOfThePlatformRunsAndTheIndexIsVerified() {
        PolicySet policies = Policies.set(builders());
        ImageDecision whole = decide(policies, "builders/python:3.14", null);
        ImageDecision amd64 = decide(policies, "builders/python:3.14", "linux/amd64");
        ImageDecision arm64 = decide(policies, "builders/python:3.14", "linux/arm64");
        assertThat(List.of(whole, amd64, arm64))
                .allSatisfy(it -> assertThat(outcome(it)).isEqualTo("Accepted"));
        assertThat(List.of(digest(whole), digest(amd64), digest(arm64))).doesNotHaveDuplicates();
        assertThat(outcome(decide(policies, "builders/python:3.14", "linux/s390x")))
                .isEqualTo("PlatformMissing?");
    }

    @Test
    void whatIsDeniedRunsNowhereWhoeverSignedIt() {
        String digest = digest(decide("builders/maven:3.9", builders()));
        TrustPolicy denied = Policies.named("denied", "deny: {digests: [\"" + digest + "\"]}");
        assertThat(outcome(decide("builders/maven:3.9", builders(), denied))).isEqualTo("DigestDenied");
        assertThat(outcome(decide("builders/maven@" + digest, builders(), denied)))
                .isEqualTo("DigestDenied");
        assertThat(outcome(decide("builders/maven@" + digest, denied))).isEqualTo("DigestDenied");
        assertThat(outcome(decide("builders/maven:3.10", builders(), denied))).isEqualTo("Accepted");

        String arm64 = digest(decide(Policies.set(builders()), "builders/python:3.14", "linux/arm64"));
        TrustPolicy child = Policies.named("denied", "deny: {digests: [\"" + arm64 + "\"]}");
        assertThat(outcome(decide("builders/python:3.14", builders(), child))).isEqualTo("DigestDenied");
    }

    @Test
    void theSignaturesOfADeniedSignerCountForNothing() {
        ImageDecision.Accepted accepted = (ImageDecision.Accepted) decide("builders/maven:3.9", builders());
        String key = accepted.image().policies().getFirst().signers().getFirst().substring("key ".length());
        TrustPolicy denied = Policies.named("denied", "deny: {signers: [{key: \"" + key + "\"}]}");
        assertThat(outcome(decide("builders/maven:3.9", builders(), denied))).isEqualTo("SignerDenied");
    }

    @Test
    void aPolicyThatCannotBeUsedStopsWhatItIsAbout() {
        TrustPolicy broken =
                Policies.builders(lab.address(), "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----");
        broken.getMetadata().setName("broken");
        assertThat(decide("builders/maven:3.9", builders(), broken))
                .isInstanceOfSatisfying(ImageDecision.Unresolved.class, it -> {
                    assertThat(it.code()).isEqualTo("PolicyUnusable");
                    assertThat(it.message()).contains("policy broken", "spec.authorities[0].key.pem: KeyMalformed");
                });
    }

    @Test
    void anAnswerIsAskedForOnceForTheSamePoliciesAndAgainForOthers() {
        ImageVerifier verifier = verifier();
        told.clear();
        PolicySet policies = Policies.set(builders());
        var request = new ImageRequest(lab.address() + "/builders/maven:3.9", null, TEAM, policies);
        ImageDecision first = verifier.decide(request).join();
        assertThat(verifier.decide(request).join()).isSameAs(first);
        assertThat(told).hasSize(1);
        TrustPolicy changed = builders("formats: [bundle]");
        changed.getMetadata().setGeneration(2L);
        verifier.decide(new ImageRequest(request.reference(), null, TEAM, Policies.set(changed)))
                .join();
        assertThat(told).hasSize(2);
    }

    @Test
    void twoHundredEnvironmentsWithOneImageMakeOneVerificationAPolicyGeneration() throws Exception {
        told.clear();
        PolicySet policies = Policies.set(builders());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var asking = Executors.newVirtualThreadPerTaskExecutor()) {
            var verifier = new ImageVerifier(
                    registries,
                    tenant -> new PullSecretSource.PullCredentials.Readable(Credentials.NONE),
                    Clock.systemUTC(),
                    threads,
                    told::add);
            List<Future<ImageDecision>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                var tenant = new ImageRequest.Tenant("team-" + i % 20, List.of(), List.of());
                var request = new ImageRequest(lab.address() + "/builders/maven:3.9", null, tenant, policies);
                answers.add(asking.submit(() -> verifier.decide(request).join()));
            }
            for (Future<ImageDecision> answer : answers) {
                assertThat(outcome(answer.get(60, TimeUnit.SECONDS))).isEqualTo("Accepted");
            }
        }
        assertThat(told).hasSize(1);
    }

    /** I5: by what is known and not by the time, which two clocks never agree about. */
    @Test
    void noAnswerFromBeforeASuspectCountsForWhatReplacesIt() {
        told.clear();
        ImageVerifier verifier = verifier();
        PolicySet policies = Policies.set(builders());
        List<Set<String>> asked =
                List.of(Set.of(), Set.of(), Set.of("pod-1"), Set.of("pod-1"), Set.of("pod-1", "pod-2"), Set.of());
        List<Integer> took = new ArrayList<>();
        for (Set<String> suspects : asked) {
            var request = new ImageRequest(lab.address() + "/builders/maven:3.9", null, TEAM, policies, suspects);
            assertThat(outcome(verifier.decide(request).join())).isEqualTo("Accepted");
            took.add(told.size());
        }
        assertThat(took)
                .as(
                        "questions that took a registry: one for each set of suspects, and none more for those who have none")
                .containsExactly(1, 1, 2, 2, 3, 3);
    }

    private static String digest(ImageDecision decision) {
        return ((ImageDecision.Accepted) decision).image().digest();
    }
}
