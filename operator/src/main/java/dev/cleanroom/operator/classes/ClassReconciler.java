package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassStatus;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Writes into each class's status whether the class can be used. When one class changes or is deleted, every class is decided on
 * again, because whether it is the only default class depends on all of them. There are few.
 */
@ControllerConfiguration(
        name = ClassReconciler.NAME,
        // Also when a class is deleted: the others may then be usable.
        triggerReconcilerOnAllEvents = true,
        generationAwareEventProcessing = false)
public final class ClassReconciler implements Reconciler<BuildEnvironmentClass> {
    public static final String NAME = "class";

    private final Api api;
    private final Executor executor;
    private final Clock clock;

    public ClassReconciler(Api api, Executor executor, Clock clock) {
        this.api = api;
        this.executor = executor;
        this.clock = clock;
    }

    @Override
    public UpdateControl<BuildEnvironmentClass> reconcile(
            BuildEnvironmentClass changed, Context<BuildEnvironmentClass> context) {
        UpdateControl<BuildEnvironmentClass> control = UpdateControl.noUpdate();
        return run(context.getPrimaryCache().list().toList())
                .map(control::rescheduleAfter)
                .orElse(control);
    }

    /** @return after how long to run again; empty when every status is as it should be */
    Optional<Duration> run(List<BuildEnvironmentClass> all) {
        long startOfDecision = executor.startOfDecision();
        // Each class has its own plan, so that a status that is refused does not stop the others.
        return all.stream()
                .map(one -> statusOf(one, all, api.ownAudiences(), clock.instant()))
                .flatMap(Optional::stream)
                .map(write -> Plan.of(List.of(write), Optional.empty()))
                .map(plan -> Rounds.once(executor, plan, startOfDecision))
                .flatMap(Optional::stream)
                .max(Comparator.naturalOrder());
    }

    static Optional<Write> statusOf(
            BuildEnvironmentClass one, Collection<BuildEnvironmentClass> all, Set<String> apiAudiences, Instant now) {
        BuildEnvironmentClassStatus stored = one.getStatus();
        long generation = one.getMetadata().getGeneration();
        var conditions = new Conditions(stored == null ? null : stored.conditions(), generation, now);
        var wanted = new BuildEnvironmentClassStatus(
                generation, List.of(conditions.of(Reasons.READY, ClassDecision.ready(one, all, apiAudiences))));
        if (wanted.equals(stored)) {
            return Optional.empty();
        }
        var fresh = new BuildEnvironmentClass();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(one.getMetadata().getName())
                .withUid(one.getMetadata().getUid())
                .withResourceVersion(one.getMetadata().getResourceVersion())
                .build());
        fresh.setStatus(wanted);
        return Optional.of(new Write.ApplyStatus(
                new ObjectKey(
                        Resource.BUILD_ENVIRONMENT_CLASS,
                        null,
                        one.getMetadata().getName()),
                fresh,
                "ClassJudged"));
    }
}
