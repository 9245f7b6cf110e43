package dev.cleanroom.operator.guardrails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** No pod is created in state preparing before the guard rails that know that state are in force. */
@LabTest
class PreparingRailsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant APPLIED = NOW.plus(PreparingRails.APPLIED_WITHIN);
    private static final String ENTERED = "preparing-pods-are-not-entered.cleanroom.dev";
    private static final String FORWARD = "state-moves-forward.cleanroom.dev";

    private final PreparingRails rails = new PreparingRails();

    @Test
    void theChartHasEachOfThem() {
        assertThat(GuardRail.ofChart("cleanroom-system"))
                .extracting(GuardRail::name)
                .containsAll(PreparingRails.NAMES);
    }

    @Test
    void whatWasNotReadIsNotInForce() {
        assertThat(rails.notReady(NOW)).hasValueSatisfying(it -> assertThat(it).contains("has not read"));
    }

    @Test
    void eachThatIsMissingOrChangedIsNamedOnceAndTheOthersDoNotMatter() {
        rails.seen(
                List.of(
                        state(Resource.VALIDATING_POLICY, FORWARD, "was changed"),
                        state(Resource.VALIDATING_POLICY, ENTERED, "is missing"),
                        state(Resource.VALIDATING_POLICY_BINDING, ENTERED, "is missing"),
                        state(Resource.VALIDATING_POLICY, "no-live-access.cleanroom.dev", "is missing")),
                NOW);
        assertThat(rails.notReady(APPLIED))
                .hasValueSatisfying(it -> assertThat(it)
                        .contains(": " + ENTERED + ", " + FORWARD + ". ", "cleanroom check")
                        .doesNotContain("no-live-access"));
    }

    @Test
    void theMessageFitsACondition() {
        rails.seen(
                PreparingRails.NAMES.stream()
                        .map(name -> state(Resource.VALIDATING_POLICY, name, "was changed"))
                        .toList(),
                NOW);
        assertThat(rails.notReady(NOW).orElseThrow()).hasSizeLessThan(500);
    }

    @Test
    void onesThatWereJustStoredAreGivenTheTimeToBeApplied() {
        List<GuardRails.RailState> inForce = new ArrayList<>();
        PreparingRails.NAMES.forEach(name ->
                inForce.add(new GuardRails.RailState(Resource.VALIDATING_POLICY, name, true, Optional.empty())));
        rails.seen(inForce, NOW);
        assertThat(rails.notReady(APPLIED.minusMillis(1)))
                .hasValueSatisfying(it -> assertThat(it).contains("just been stored"));
        assertThat(rails.notReady(APPLIED)).isEmpty();
        rails.seen(inForce, APPLIED);
        assertThat(rails.notReady(APPLIED))
                .as("a later comparison changes nothing")
                .isEmpty();

        rails.seen(List.of(state(Resource.VALIDATING_POLICY, FORWARD, "was changed")), APPLIED);
        assertThat(rails.notReady(APPLIED))
                .hasValueSatisfying(it -> assertThat(it).contains(FORWARD));
    }

    @Test
    void theOneThatIsMissingIsLookedForAgainWithinSeconds(Lab lab) {
        var binding =
                lab.admin().resources(ValidatingAdmissionPolicyBinding.class).withName(ENTERED);
        ValidatingAdmissionPolicyBinding kept = binding.get();
        kept.getMetadata().setResourceVersion(null);
        kept.getMetadata().setUid(null);
        kept.getMetadata().setManagedFields(List.of());
        lab.onClose(() -> lab.admin().resource(kept).createOr(NonDeletingOperation::patch));
        binding.delete();
        var watch = new GuardRailWatch(
                new RestApi(lab.admin()),
                Clock.systemUTC(),
                LabCluster.OPERATOR_NAMESPACE,
                (kind, name, inForce) -> {});
        lab.onClose(watch::close);
        watch.start();
        Environments.until(
                "the first comparison",
                () -> assertThat(watch.preparingNotReady())
                        .hasValueSatisfying(it -> assertThat(it).contains(": " + ENTERED + ". ")));

        lab.admin().resource(kept).create();
        Environments.within(GuardRailWatch.SHORT_PERIOD.multipliedBy(2), "pods with phases to be possible")
                .untilAsserted(() -> assertThat(watch.preparingNotReady()).isEmpty());
    }

    private static GuardRails.RailState state(Resource kind, String name, String fault) {
        return new GuardRails.RailState(kind, name, true, Optional.of(fault));
    }
}
