package dev.cleanroom.operator.environment.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.kube.plan.Result;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything a decision about one environment reads, at one moment: what the caches show with this run's own answers
 * laid over it.
 *
 * @param environment never changed, never sent back
 * @param failures this run's writes that were refused, found their name taken, or conflicted
 * @param statusDiffersSince since when the stored status is behind; empty when it was not at the last look
 */
public record Observed(
        BuildEnvironment environment,
        Surroundings surroundings,
        Owned owned,
        List<Result> failures,
        Optional<Instant> statusDiffersSince) {

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
