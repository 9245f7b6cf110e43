package dev.cleanroom.operator.environment.acceptance;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.classes.LimitRangeAdvice;
import dev.cleanroom.operator.classes.StepResources;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** What the API server refused in this run, described for the person who can change it. */
public final class Refusals {
    private static final int FORBIDDEN = 403;
    private static final Set<String> COMPANIONS = Set.of(CleanroomApi.GATE_CONTAINER, CleanroomApi.OBSERVER_CONTAINER);

    private Refusals() {}

    public static Optional<Obstacle> first(Observed observed) {
        return observed.failures().stream()
                // A record only reports: the pods do not wait for it.
                .filter(failure -> failure.write().target().resource() != Resource.BUILD_RECORD)
                .map(Refusals::obstacle)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Obstacle> obstacle(Result result) {
        return switch (result) {
            case Result.Refused refused ->
                Optional.of(new Obstacle(
                        reason(refused),
                        refused.write().target() + ": " + refused.excerpt() + advice(refused),
                        true,
                        true));
            // It has Cleanroom's labels, so it belongs to a former environment and is deleted automatically.
            case Result.NameTaken taken when Names.isLabelled(taken.occupant()) -> Optional.empty();
            case Result.NameTaken taken ->
                Optional.of(new Obstacle(
                        Reasons.NAME_TAKEN,
                        taken.write().target()
                                + " exists and was not created by Cleanroom. Delete it, or give the environment"
                                + " another name",
                        true,
                        true));
            default -> Optional.empty();
        };
    }

    private static String advice(Result.Refused refused) {
        return refused.write() instanceof Write.Create(ObjectKey target, Pod pod, var cause)
                ? LimitRangeAdvice.of(refused.excerpt(), steps(pod))
                        .map(advice -> ". " + advice + ". To see the LimitRange: kubectl describe limitrange -n "
                                + target.namespace())
                        .orElse("")
                : "";
    }

    /** Without the gate, which requests what the build requests. */
    private static SequencedMap<String, ResourceRequirements> steps(Pod pod) {
        SequencedMap<String, ResourceRequirements> steps = new LinkedHashMap<>();
        pod.getSpec().getContainers().forEach(build -> steps.put(StepResources.buildField(), build.getResources()));
        pod.getSpec().getInitContainers().stream()
                .filter(step -> !COMPANIONS.contains(step.getName()))
                .forEach(step -> steps.put(StepResources.prepareField(steps.size() - 1), step.getResources()));
        pod.getSpec().getInitContainers().stream()
                .filter(step -> step.getName().equals(CleanroomApi.OBSERVER_CONTAINER))
                .forEach(observer -> steps.put(StepResources.OBSERVER, observer.getResources()));
        return steps;
    }

    private static String reason(Result.Refused refused) {
        return refused.code() == FORBIDDEN && refused.message().contains("exceeded quota")
                ? Reasons.QUOTA_EXCEEDED
                : Reasons.WRITE_REFUSED;
    }
}
