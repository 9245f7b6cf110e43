package dev.cleanroom.operator.trustpolicy;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import dev.cleanroom.operator.trust.policy.Denials;
import dev.cleanroom.operator.trust.policy.Policy;
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
import io.javaoperatorsdk.operator.processing.event.source.polling.PollingConfigurationBuilder;
import io.javaoperatorsdk.operator.processing.event.source.polling.PollingEventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes to the status of each policy whether it can be used, when it or a ConfigMap that it names has changed, how many
 * environments it rejects, and how many pods run what it denies.
 */
@ControllerConfiguration(name = TrustPolicyReconciler.NAME)
public final class TrustPolicyReconciler implements Reconciler<TrustPolicy> {
    public static final String NAME = "trust-policy";

    private static final Duration NOT_COUNTED_YET = Duration.ofMillis(200);

    /**
     * Rarely enough that a change in all environments causes a few writes to a policy, and not one for each
     * environment.
     */
    private static final Duration COUNTED_EVERY = Duration.ofSeconds(5);

    private final Executor executor;
    private final Clock clock;
    private final String operatorNamespace;
    private final Supplier<Map<Policy.Id, Integer>> rejections;
    private final Function<Denials, OptionalInt> deniedPods;
    private @Nullable InformerEventSource<ConfigMap, TrustPolicy> configMaps;

    /** How many environments one generation of a policy rejects. */
    private record Counted(long generation, int rejected) {}

    /**
     * @param rejections how many environments each policy rejects; a policy is missing while that is not known
     * @param deniedPods how many pods run what a policy denies; empty while that is not known
     */
    public TrustPolicyReconciler(
            Executor executor,
            Clock clock,
            String operatorNamespace,
            Supplier<Map<Policy.Id, Integer>> rejections,
            Function<Denials, OptionalInt> deniedPods) {
        this.executor = executor;
        this.clock = clock;
        this.operatorNamespace = operatorNamespace;
        this.rejections = rejections;
        this.deniedPods = deniedPods;
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
        var counts = new PollingEventSource<Counted, TrustPolicy, String>(
                Counted.class,
                new PollingConfigurationBuilder<Counted, String>(this::counts, COUNTED_EVERY)
                        .withResourceIDMapper(counted -> "rejected")
                        .build());
        return List.of(configMaps, counts);
    }

    private Map<ResourceID, Set<Counted>> counts() {
        Map<ResourceID, Set<Counted>> counts = new HashMap<>();
        rejections
                .get()
                .forEach((policy, rejected) ->
                        counts.put(new ResourceID(policy.name()), Set.of(new Counted(policy.generation(), rejected))));
        return counts;
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
        UpdateControl<TrustPolicy> control = UpdateControl.noUpdate();
        return run(policy, rejected(policy, context))
                .map(control::rescheduleAfter)
                .orElse(control);
    }

    /** @return when to reconcile again; empty when nothing changes by itself */
    Optional<Duration> run(TrustPolicy policy, OptionalInt rejected) {
        long startOfDecision = executor.startOfDecision();
        PolicyReader.ParsedPolicy read = PolicyReader.read(policy, known());
        OptionalInt pods = deniedPods.apply(read.denials());
        Plan plan = Plan.of(
                TrustPolicyStatusWrite.of(
                                policy, read, new TrustPolicyStatusWrite.Counts(rejected, pods), clock.instant())
                        .stream()
                        .toList(),
                Optional.empty());
        return Rounds.once(executor, plan, startOfDecision).or(() -> untilCounted(read.denials(), pods));
    }

    /**
     * Pods are quarantined only after they were counted. They are counted repeatedly, because pods whose creation had
     * begun may still appear.
     */
    private static Optional<Duration> untilCounted(Denials denials, OptionalInt pods) {
        if (denials.digests().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(pods.isPresent() ? COUNTED_EVERY : NOT_COUNTED_YET);
    }

    private static OptionalInt rejected(TrustPolicy policy, Context<TrustPolicy> context) {
        return context.getSecondaryResources(Counted.class).stream()
                .filter(counted -> counted.generation() == policy.getMetadata().getGeneration())
                .mapToInt(Counted::rejected)
                .findFirst();
    }

    private ConfigMaps known() {
        ConfigMaps own = (name, key) -> Objects.requireNonNull(configMaps)
                .get(new ResourceID(name, operatorNamespace))
                .map(ConfigMap::getData)
                .map(data -> data.get(key));
        return own.in(operatorNamespace);
    }
}
