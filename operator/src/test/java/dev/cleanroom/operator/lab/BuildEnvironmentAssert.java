package dev.cleanroom.operator.lab;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.SlotStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.assertj.core.api.AbstractAssert;

/** What the status of an environment says; a failure shows the whole status. */
public final class BuildEnvironmentAssert extends AbstractAssert<BuildEnvironmentAssert, BuildEnvironment> {
    private BuildEnvironmentAssert(BuildEnvironment actual) {
        super(actual, BuildEnvironmentAssert.class);
    }

    public static BuildEnvironmentAssert assertThat(BuildEnvironment actual) {
        return new BuildEnvironmentAssert(actual);
    }

    /** The reason is asserted with the status: a condition that is true for another reason is another outcome. */
    public BuildEnvironmentAssert hasCondition(String type, String status, String reason) {
        Condition found = condition(type);
        if (!status.equals(found.getStatus()) || !reason.equals(found.getReason())) {
            failWithMessage("expected %s=%s (%s) in%n%s", type, status, reason, status());
        }
        return this;
    }

    /** As {@link #hasCondition}, and observed for the spec's present generation. */
    public BuildEnvironmentAssert hasCurrentCondition(String type, String status, String reason) {
        hasCondition(type, status, reason);
        Long generation = actual.getMetadata().getGeneration();
        if (!Objects.equals(generation, condition(type).getObservedGeneration())) {
            failWithMessage("expected %s observed at generation %s in%n%s", type, generation, status());
        }
        return this;
    }

    /** The message names what a person needs. */
    public BuildEnvironmentAssert hasMessage(String type, String part) {
        String message = condition(type).getMessage();
        if (message == null || !message.contains(part)) {
            failWithMessage("expected the message of %s to contain <%s> in%n%s", type, part, status());
        }
        return this;
    }

    public BuildEnvironmentAssert hasNoCondition(String type) {
        if (find(type).isPresent()) {
            failWithMessage("expected no %s in%n%s", type, status());
        }
        return this;
    }

    public BuildEnvironmentAssert hasReplicas(int replicas, int ready) {
        BuildEnvironmentStatus status = actual.getStatus();
        if (status == null
                || !Objects.equals(status.replicas(), replicas)
                || !Objects.equals(status.readyReplicas(), ready)) {
            failWithMessage("expected %s replicas, %s ready in%n%s", replicas, ready, status());
        }
        return this;
    }

    /** The attempt each slot has come to, slot 0 first. */
    public BuildEnvironmentAssert hasAttempts(Integer... attempts) {
        List<SlotStatus> slots =
                actual.getStatus() == null || actual.getStatus().slots() == null
                        ? List.of()
                        : actual.getStatus().slots();
        List<Integer> found = slots.stream().map(SlotStatus::attempt).toList();
        if (!found.equals(List.of(attempts))) {
            failWithMessage("expected attempts %s, found %s in%n%s", List.of(attempts), found, status());
        }
        return this;
    }

    public BuildEnvironmentAssert hasLastRun(String pod, int exitCode) {
        BuildEnvironmentStatus.LastRun run =
                actual.getStatus() == null ? null : actual.getStatus().lastRun();
        if (run == null || !pod.equals(run.pod()) || !Objects.equals(run.exitCode(), exitCode)) {
            failWithMessage("expected the last run to be %s with exit code %s in%n%s", pod, exitCode, status());
        }
        return this;
    }

    private Condition condition(String type) {
        isNotNull();
        Optional<Condition> found = find(type);
        if (found.isEmpty()) {
            failWithMessage("expected a condition %s in%n%s", type, status());
        }
        return found.orElseThrow();
    }

    private Optional<Condition> find(String type) {
        BuildEnvironmentStatus status = actual.getStatus();
        return status == null || status.conditions() == null
                ? Optional.empty()
                : status.conditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst();
    }

    private String status() {
        return actual.getMetadata().getName() + ":\n" + Serialization.asYaml(actual.getStatus());
    }
}
