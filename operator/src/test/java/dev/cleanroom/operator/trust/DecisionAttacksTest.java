package dev.cleanroom.operator.trust;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static dev.cleanroom.operator.trust.registry.Content.INDEX;
import static dev.cleanroom.operator.trust.registry.Content.MANIFEST;
import static dev.cleanroom.operator.trust.registry.Content.descriptor;
import static dev.cleanroom.operator.trust.registry.Content.image;
import static dev.cleanroom.operator.trust.registry.Content.index;
import static dev.cleanroom.operator.trust.registry.Content.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.trust.ImageRequest.Tenant;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.registry.FakeRegistry;
import dev.cleanroom.operator.trust.registry.Setting;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Attacks on whole decisions: what was true for somebody else, for other policies, or until now. */
class DecisionAttacksTest extends Deciding {
    private static final String AMD64 = "{\"os\":\"linux\",\"architecture\":\"amd64\"}";
    private static final String TAGGED = manifestPath("3.9");

    private static FakeRegistry.Reply manifest(byte[] image) {
        return FakeRegistry.bytes(200, image, "Content-Type: " + MANIFEST);
    }

    @Test
    void f1ATagThatMeansSomethingElseTheSecondTime() {
        byte[] other = image("another image");
        fake.on(
                TAGGED,
                (request, out) -> manifest(asked(TAGGED) == 1 ? IMAGE : other).to(request, out));
        ImageDecision decision = decide(":3.9", NOBODY, Policies.set(policy()));
        assertThat(((ImageDecision.Accepted) decision).image().pinned()).endsWith("@" + DIGEST);
        assertThat(asked(TAGGED)).as("resolved once").isEqualTo(1);
        setting.clock.advance(ImageVerifier.TAG_IS_VALID);
        assertThat(decide(Policies.set(policy())))
                .as("what it means now is not signed")
                .isEqualTo("SignatureMissing");
    }

    @Test
    void f9TheAnswerOfAnotherTenant() {
        PolicySet policies = Policies.set(policy());
        Tenant alice = new Tenant("team-a", List.of("pull"), List.of());
        secrets = tenant ->
                new PullSecretSource.PullCredentials.Readable(Setting.credentials(fake.host(), tenant.namespace()));
        assertThat(outcome(decide("@" + DIGEST, alice, policies))).isEqualTo("Accepted");
        fake.on(manifestPath(DIGEST), FakeRegistry.status(403)).on(REFERRERS, FakeRegistry.status(403));
        assertThat(outcome(decide("@" + DIGEST, alice, policies))).as("its own").isEqualTo("Accepted");
        for (Tenant other : List.of(
                new Tenant("team-b", List.of("pull"), List.of()),
                new Tenant("team-a", List.of("other"), List.of()),
                new Tenant("team-a", List.of(), List.of("pull")),
                new Tenant("team-a", List.of("pull"), List.of("lent")),
                NOBODY)) {
            assertThat(outcome(decide("@" + DIGEST, other, policies))).isEqualTo("Unauthorized?");
        }
    }

    /** What a class lends is one more secret of those who use the class: its answer is not for anyone else. */
    @Test
    void f9TheAnswerOfAnotherClass() {
        PolicySet policies = Policies.set(policy());
        Tenant mirror = new Tenant("team-a", List.of(), List.of("mirror"));
        secrets = tenant -> new PullSecretSource.PullCredentials.Readable(Setting.credentials(fake.host(), "platform"));
        assertThat(outcome(decide("@" + DIGEST, mirror, policies))).isEqualTo("Accepted");
        fake.on(manifestPath(DIGEST), FakeRegistry.status(403)).on(REFERRERS, FakeRegistry.status(403));
        assertThat(outcome(decide("@" + DIGEST, mirror, policies)))
                .as("its own")
                .isEqualTo("Accepted");
        for (Tenant other : List.of(
                new Tenant("team-a", List.of(), List.of("other")),
                new Tenant("team-b", List.of(), List.of("mirror")),
                new Tenant("team-a", List.of("mirror"), List.of()),
                new Tenant("team-a", List.of(), List.of()))) {
            assertThat(outcome(decide("@" + DIGEST, other, policies))).isEqualTo("Unauthorized?");
        }
    }

    @Test
    void f9WithoutCredentialsNothingIsAsked() {
        secrets = tenant -> new PullSecretSource.PullCredentials.Unreadable(
                new ImageDecision.Unresolved("CredentialsUnreadable", "no"));
        assertThat(decide(Policies.set(policy()))).isEqualTo("CredentialsUnreadable?");
        assertThat(fake.requests()).isEmpty();
    }

    /** A registry that wants to be asked at once, and is, keeps a thread forever. */
    @Test
    void f10ARegistryThatWantsToBeAskedAtOnce() {
        for (String wait : new String[] {"0", "1", "-5", "Mon, 01 Jan 2001 00:00:00 GMT"}) {
            setting.clock.advance(Duration.ofHours(1));
            fake.on(TAGGED, FakeRegistry.status(429, "Retry-After: " + wait));
            long before = asked(TAGGED);
            assertThat(decide(Policies.set(policy()))).isEqualTo("Throttled?");
            setting.clock.advance(ImageVerifier.ASKED_AGAIN_AFTER.minusMillis(1));
            assertThat(decide(Policies.set(policy()))).isEqualTo("Throttled?");
            assertThat(asked(TAGGED) - before).as(wait).isEqualTo(1);
        }
        fake.on(TAGGED, FakeRegistry.status(429, "Retry-After: 120"));
        setting.clock.advance(Duration.ofHours(1));
        assertThat(decide(Policies.set(policy()))).isEqualTo("Throttled?");
        long before = asked(TAGGED);
        setting.clock.advance(Duration.ofSeconds(119));
        assertThat(decide(Policies.set(policy()))).isEqualTo("Throttled?");
        assertThat(asked(TAGGED)).isEqualTo(before);
    }

    @Test
    void g6PoliciesThatChangeMeanwhile() {
        Deque<Runnable> waiting = new ArrayDeque<>();
        ImageVerifier slow = verifier(waiting::add);
        CompletableFuture<ImageDecision> before = slow.decide(request(":3.9", NOBODY, Policies.set(policy())));
        TrustPolicy stricter = policy("formats: [cosign]");
        stricter.getMetadata().setGeneration(2L);
        PolicySet now = Policies.set(stricter);
        CompletableFuture<ImageDecision> after = slow.decide(request(":3.9", NOBODY, now));
        waiting.remove().run();
        assertThat(before)
                .isCompletedWithValueMatching(decision -> outcome(decision).equals("Accepted"));
        assertThat(after)
                .as("the answer of the old policies is not the new ones'")
                .isNotDone();
        waiting.remove().run();
        assertThat(outcome(slow.decide(request(":3.9", NOBODY, now)).join())).isEqualTo("SignatureMissing");
    }

    @Test
    void g9AnAllowAfterAPolicyWasChangedOrTakenAway() {
        assertThat(decide(Policies.set(policy()))).isEqualTo("Accepted");
        assertThat(decide(Policies.set())).isEqualTo("NoMatchingPolicy");
        TrustPolicy changed = policy("formats: [cosign]");
        changed.getMetadata().setGeneration(2L);
        assertThat(decide(Policies.set(changed))).isEqualTo("SignatureMissing");
        TrustPolicy broken = policy("threshold: 7");
        broken.getMetadata().setGeneration(3L);
        assertThat(decide(Policies.set(broken))).isEqualTo("PolicyUnusable?");
    }

    /** One answer rests on another: together they last no longer than the first. */
    @Test
    void g9AnAllowThatHasExpired() {
        PolicySet policies = Policies.set(policy());
        String pinned = "@" + DIGEST;
        assertThat(outcome(decide(":3.9", NOBODY, policies))).isEqualTo("Accepted");
        setting.clock.advance(ImageVerifier.ACCEPTED_IS_VALID.minusSeconds(1));
        assertThat(outcome(decide(pinned, NOBODY, policies)))
                .as("by the tag's proofs")
                .isEqualTo("Accepted");
        fake.on(REFERRERS, FakeRegistry.status(503));
        setting.clock.advance(Duration.ofMillis(999));
        assertThat(outcome(decide(pinned, NOBODY, policies))).isEqualTo("Accepted");
        setting.clock.advance(Duration.ofMillis(1));
        assertThat(outcome(decide(pinned, NOBODY, policies))).isEqualTo("Unavailable?");
        assertThat(outcome(decide(":3.9", NOBODY, policies))).isEqualTo("Unavailable?");
    }

    @Test
    void g10WhatIsDeniedRunsNowhere() {
        TrustPolicy denied = Policies.named("denied", "deny: {digests: [\"" + DIGEST + "\"]}");
        assertThat(outcome(decide("@" + DIGEST, NOBODY, Policies.set(policy(), denied))))
                .isEqualTo("DigestDenied");
        assertThat(fake.requests()).as("known without a registry").isEmpty();
        assertThat(decide(Policies.set(policy()))).isEqualTo("Accepted");
        assertThat(decide(Policies.set(policy(), denied))).isEqualTo("DigestDenied");
        assertThat(outcome(decide("@" + DIGEST, NOBODY, Policies.set(denied)))).isEqualTo("DigestDenied");
    }

    /** What is denied runs in no index that an index lists either, with a platform asked for or without. */
    @Test
    void g10AnIndexInAnIndexHidesNothing() {
        byte[] inner = index(json(descriptor(MANIFEST, IMAGE), AMD64));
        byte[] outer = index(json(descriptor(INDEX, inner), AMD64));
        fake.on(manifestPath("3.9"), FakeRegistry.bytes(200, outer, "Content-Type: " + INDEX));
        TrustPolicy denied = Policies.named("denied", "deny: {digests: [\"" + DIGEST + "\"]}");
        for (String platform : new String[] {null, "linux/amd64"}) {
            var request = new ImageRequest(
                    fake.host() + "/builders/maven:3.9", platform, NOBODY, Policies.set(policy(), denied));
            ImageDecision decision = verifier.decide(request).join();
            assertThat(outcome(decision)).isEqualTo("MediaTypeRefused?");
        }
    }

    /** The content of a status, regardless of who wrote it, is never used as a decision: it cannot even become one. */
    @Test
    void g11OnlyTheVerifierAccepts() {
        var classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.cleanroom");
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ImageVerifier.class.getName())
                .should()
                .callConstructorWhere(JavaCall.Predicates.target(DescribedPredicate.describe(
                        "of VerifiedImage", target -> target.getOwner().isEquivalentTo(VerifiedImage.class))))
                .check(classes);
        noClasses()
                .that(type(Acceptance.class))
                .should()
                .dependOnClassesThat()
                .areAssignableTo(BuildEnvironmentStatus.class)
                .check(classes);
    }
}
