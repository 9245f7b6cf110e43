package dev.cleanroom.operator.trustpolicy;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import dev.cleanroom.operator.trust.policy.PolicyReader;
import dev.cleanroom.operator.trust.policy.References;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells each policy whether it can be used, when it or a ConfigMap that it names has changed. */
@ControllerConfiguration(name = TrustPolicyReconciler.NAME)
public final class TrustPolicyReconciler implements Reconciler<TrustPolicy> {
    public static final String NAME = "trust-policy";

    private static final Duration AFTER_CONFLICT = Duration.ofMillis(200);

    private final Executor executor;
    private final Clock clock;
    private final String operatorNamespace;
    private @Nullable InformerEventSource<ConfigMap, TrustPolicy> configMaps;

    public TrustPolicyReconciler(Executor executor, Clock clock, String operatorNamespace) {
        this.executor = executor;
        this.clock = clock;
        this.operatorNamespace = operatorNamespace;
    }

    @Override
    public List<EventSource<?, TrustPolicy>> prepareEventSources(EventSourceContext<TrustPolicy> context) {
        configMaps = new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ConfigMap.class, TrustPolicy.class)
                        .withNamespaces(Set.of(operatorNamespace))
                        .withPrimaryToSecondaryMapper((TrustPolicy policy) -> Set.of())
                        .withSecondaryToPrimaryMapper(changed -> naming(changed, context))
                        .build(),
                context);
        return List.of(configMaps);
    }

    private static Set<ResourceID> naming(ConfigMap changed, EventSourceContext<TrustPolicy> context) {
        return context.getPrimaryCache()
                .list()
                .filter(policy -> References.of(policy.getSpec()).stream()
                        .anyMatch(reference ->
                                reference.name().equals(changed.getMetadata().getName())))
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    @Override
    public UpdateControl<TrustPolicy> reconcile(TrustPolicy policy, Context<TrustPolicy> context) {
        long startOfDecision = executor.startOfDecision();
        Plan plan = Plan.of(
                TrustPolicyStatusWrite.of(policy, PolicyReader.read(policy, known()), clock.instant()).stream()
                        .toList(),
                Optional.empty());
        List<Result> results = executor.carryOut(plan, startOfDecision);
        UpdateControl<TrustPolicy> control = UpdateControl.noUpdate();
        return results.stream().allMatch(Result.Done.class::isInstance)
                ? control
                : control.rescheduleAfter(AFTER_CONFLICT);
    }

    private ConfigMaps known() {
        return (name, key) -> Objects.requireNonNull(configMaps)
                .get(new ResourceID(name, operatorNamespace))
                .map(ConfigMap::getData)
                .map(data -> data.get(key));
    }
}
