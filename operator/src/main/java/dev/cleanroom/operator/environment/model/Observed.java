package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.kube.plan.Result;
import java.util.List;

/**
 * Everything that a decision about one environment reads, at one moment: the caches, with the answers of this run's
 * own writes over them.
 *
 * @param environment never changed and never sent back
 * @param failures those writes of this run that were refused, found their name taken, or conflicted
 * @param statusTiming decides when a changed status is written
 */
public record Observed(
        BuildEnvironment environment,
        Surroundings surroundings,
        Owned owned,
        List<Result> failures,
        StatusTiming statusTiming) {

    public String name() {
        return environment.getMetadata().getName();
    }

    public String namespace() {
        return environment.getMetadata().getNamespace();
    }

    public String uid() {
        return environment.getMetadata().getUid();
    }

    public History history() {
        return History.of(environment.getStatus());
    }
}
