package dev.cleanroom.operator.trustpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.trust.Policies;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When a policy is looked at again, by what the API server answered to its status. */
class TrustPolicyReconcilerTest {
    private static final TrustPolicy POLICY =
            Policies.named("builders", "deny: {digests: [\"sha256:" + "0".repeat(64) + "\"]}");

    private final List<@Nullable Integer> told = new ArrayList<>();
    private @Nullable Answer refusal;
    private OptionalInt pods = OptionalInt.of(3);

    private final Api api = (Api) Proxy.newProxyInstance(
            Api.class.getClassLoader(), new Class<?>[] {Api.class}, (self, asked, args) -> switch (asked.getName()) {
                case "applyStatus" -> refusal == null ? stored((TrustPolicy) args[1]) : refusal;
                default -> throw new AssertionError("not asked for: " + asked);
            });

    private final TrustPolicyReconciler reconciler = new TrustPolicyReconciler(
            new Executor(api, Duration.ofSeconds(10), () -> 0, (write, result) -> {}),
            Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC),
            "cleanroom-system",
            Map::of,
            denials -> pods);

    private Answer stored(TrustPolicy fresh) {
        told.add(fresh.getStatus().deniedPods());
        return new Answer.Ok(fresh);
    }

    @Test
    void aStatusThatIsRefusedIsTriedAgainAfterAWhile() {
        refusal = new Answer.Rejected(403, "Forbidden", "a webhook refuses it");
        assertThat(reconciler.run(POLICY, OptionalInt.empty())).contains(Rounds.AFTER_REFUSAL);
    }

    @Test
    void aStatusThatMetAChangeIsTriedAgainSoon() {
        refusal = new Answer.Rejected(409, "Conflict", "the object has been modified");
        assertThat(reconciler.run(POLICY, OptionalInt.empty())).contains(Rounds.AFTER_CONFLICT);
    }

    @Test
    void whatIsDeniedIsCountedAgainAsLongAsItIs() {
        assertThat(reconciler.run(POLICY, OptionalInt.empty())).contains(Duration.ofSeconds(5));
        assertThat(told).containsExactly(3);
    }

    @Test
    void whatCannotBeCountedYetIsCountedSoon() {
        pods = OptionalInt.empty();
        assertThat(reconciler.run(POLICY, OptionalInt.empty())).contains(Duration.ofMillis(200));
        assertThat(told).containsOnlyNulls();
    }

    @Test
    void aPolicyThatDeniesNothingIsNotLookedAtAgain() {
        assertThat(reconciler.run(Policies.named("builders", "images: [\"**\"]"), OptionalInt.empty()))
                .isEmpty();
    }
}
