package dev.cleanroom.operator.environment.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.AcceptedBy;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.ImageStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.trust.PinnedByDigest;
import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.Tally;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The status is shortened where the API server would refuse its length or number: nobody would see a refused status. */
class StatusLengthsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String IMAGE = "registry.example.com/builders/maven@sha256:" + "a".repeat(64);

    private final BuildEnvironment environment = Manifests.environment("spec: {image: '" + IMAGE + "', command: [a]}");

    @Test
    void aNoteEndsWithinTheBytesThatAnEventTakesAndNotWithinACharacter() {
        for (int lead = 0; lead < 4; lead++) {
            String note = noteOf("a".repeat(lead) + "€".repeat(400));
            assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(1_021, 1_024);
            assertThat(note).matches("a{" + lead + "}€+\\.\\.\\.");
        }
        assertThat(noteOf("a".repeat(1_024))).isEqualTo("a".repeat(1_024));
    }

    @Test
    void aMessageEndsWithinTheCharactersThatAConditionTakes() {
        assertThat(stalled(characters(40_000)).getMessage().equals(characters(32_765) + "..."))
                .isTrue();
        assertThat(stalled(characters(32_768)).getMessage().equals(characters(32_768)))
                .isTrue();
    }

    @Test
    void manyPoliciesAndSignersAreCutToTheFirstByName() {
        List<String> signers = backwards("key ", 17);
        ImageStatus status = imageAcceptedBy(backwards("policy-", 20).stream()
                .map(name -> acceptance(name, signers))
                .toList());
        assertThat(status.policies()).extracting(AcceptedBy::name).containsExactlyElementsOf(numbered("policy-", 16));
        assertThat(status.policies())
                .allSatisfy(policy -> assertThat(policy.signers()).containsExactlyElementsOf(numbered("key ", 16)));
    }

    @Test
    void ofFewPoliciesTheOrderStays() {
        ImageStatus status =
                imageAcceptedBy(List.of(acceptance("z", List.of("key 2", "key 1")), acceptance("a", List.of("key 1"))));
        assertThat(status.policies()).extracting(AcceptedBy::name).containsExactly("z", "a");
        assertThat(status.policies().getFirst().signers()).containsExactly("key 2", "key 1");
    }

    /** Each of them two of Java's, one of the API server's. */
    private static String characters(int count) {
        return "\uD83D\uDE00".repeat(count);
    }

    private ImageStatus imageAcceptedBy(List<Tally.Acceptance> policies) {
        var accepted = new Acceptance.Accepted(
                "standard",
                Serialization.unmarshal("{}", BuildEnvironmentClassSpec.class),
                Map.of(IMAGE, PinnedByDigest.verified(IMAGE, policies)),
                PinnedByDigest.verified(Manifests.TOOLS_IMAGE));
        return Objects.requireNonNull(ImageJudgement.status(environment, accepted, NOW));
    }

    private static Tally.Acceptance acceptance(String policy, List<String> signers) {
        return new Tally.Acceptance(new Policy.Id(policy, 1), signers);
    }

    private static List<String> numbered(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + (10 + i)).toList();
    }

    private static List<String> backwards(String prefix, int count) {
        return numbered(prefix, count).reversed();
    }

    private String noteOf(String message) {
        environment.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team")
                .withName("payments")
                .withUid("uid-1")
                .withGeneration(1L)
                .build());
        var status = new BuildEnvironmentStatus(
                1L, List.of(stalled(message)), null, null, null, null, null, null, null, null, null, null, null, null);
        Write event = StatusWrites.of(environment, status, StatusChange.STALLED).getFirst();
        return ((Event) ((Write.Create) event).object()).getNote();
    }

    private static Condition stalled(String message) {
        return new Conditions(Collections.emptyList(), 1, NOW)
                .of(Reasons.STALLED, Content.yes(Reasons.NOT_ALLOWED, message));
    }
}
