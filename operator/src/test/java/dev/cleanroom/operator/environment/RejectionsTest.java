package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.PolicySet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many environments a policy rejects: a number only when it is the whole number. */
class RejectionsTest {
    private static final Policy.Id BUILDERS = new Policy.Id("builders", 1);
    private static final Policy.Id TOOLS = new Policy.Id("tools", 1);
    private static final PolicySet POLICIES = set(1);
    private static final ImageDecision REJECTED =
            new ImageDecision.Rejected("SignatureInvalid", "by somebody else", Set.of(BUILDERS));
    private static final ImageDecision UNRESOLVED = new ImageDecision.Unresolved("Unavailable", "HTTP 503");

    private final Rejections rejections = new Rejections();
    private final List<BuildEnvironment> environments = new ArrayList<>();

    /** @param generation of the policy tools */
    private static PolicySet set(long generation) {
        String denying = "deny: {digests: [\"sha256:" + "0".repeat(64) + "\"]}";
        TrustPolicy tools = Policies.named("tools", denying);
        tools.getMetadata().setGeneration(generation);
        return Policies.set(Policies.named("builders", denying), tools);
    }

    private static BuildEnvironment environment(String uid) {
        var environment = new BuildEnvironment();
        environment.getMetadata().setUid(uid);
        return environment;
    }

    private Map<Policy.Id, Integer> counted(PolicySet policies) {
        return rejections.counted(policies, environments::stream);
    }

    @BeforeEach
    void threeEnvironments() {
        List.of("a", "b", "c").forEach(uid -> environments.add(environment(uid)));
        rejections.judged(environments.get(0), POLICIES, List.of(REJECTED));
        rejections.judged(environments.get(1), POLICIES, List.of(UNRESOLVED));
        // Two images of one environment are one environment.
        rejections.judged(environments.get(2), POLICIES, List.of(REJECTED, REJECTED));
    }

    @Test
    void whatIsNotDecidedIsNotRejected() {
        assertThat(counted(POLICIES)).isEqualTo(Map.of(BUILDERS, 2, TOOLS, 0));
    }

    @Test
    void oneThatIsNotJudgedYetIsNotTakenForAccepted() {
        environments.add(environment("d"));
        assertThat(counted(POLICIES)).isEmpty();
        rejections.judged(environments.get(3), POLICIES, List.of(REJECTED));
        assertThat(counted(POLICIES)).containsEntry(BUILDERS, 3);
    }

    @Test
    void whatOtherPoliciesSaidCountsForNothing() {
        PolicySet changed = set(2);
        assertThat(counted(changed)).isEmpty();
        environments.forEach(environment -> rejections.judged(environment, changed, List.of(UNRESOLVED)));
        assertThat(counted(changed)).isEqualTo(Map.of(BUILDERS, 0, new Policy.Id("tools", 2), 0));
    }

    @Test
    void oneThatIsGoneIsForgotten() {
        BuildEnvironment gone = environments.removeFirst();
        assertThat(counted(POLICIES)).containsEntry(BUILDERS, 1);
        environments.add(gone);
        assertThat(counted(POLICIES)).as("nothing of it is kept").isEmpty();
    }
}
