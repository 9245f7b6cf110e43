package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.kube.plan.Result;
import java.util.List;

/**
 * Everything a decision about one environment reads, at one moment: what the caches show with this run's own answers
 * laid over it.
 *
 * @param environment never changed, never sent back
 * @param failures this run's writes that were refused, found their name taken, or conflicted
 * @param telling when a status that differs is told
 */
public record Observed(
        BuildEnvironment environment, Surroundings surroundings, Owned owned, List<Result> failures, Telling telling) {

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
