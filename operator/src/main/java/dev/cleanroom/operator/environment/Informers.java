package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.network.BeaconPolicy;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.trust.policy.PolicySets;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Creates the environment controller's informers, and knows which environments an event wakes. */
record Informers(EventSourceContext<BuildEnvironment> context) {

    <R extends HasMetadata> InformerEventSource<R, BuildEnvironment> labelled(
            Class<R> type, String selector, Function<R, Set<ResourceID>> wakes) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, BuildEnvironment.class)
                        .withLabelSelector(selector)
                        .withSecondaryToPrimaryMapper(wakes::apply)
                        .build(),
                context);
    }

    <R extends HasMetadata> InformerEventSource<R, BuildEnvironment> clusterWide(
            Class<R> type, @Nullable String selector, Function<R, Set<ResourceID>> wakes) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(type, BuildEnvironment.class)
                        .withLabelSelector(selector)
                        .withWatchAllNamespaces()
                        // No index: one namespace or class wakes many environments, and none of them owns it.
                        .withPrimaryToSecondaryMapper((BuildEnvironment environment) -> Set.of())
                        .withSecondaryToPrimaryMapper(wakes::apply)
                        .build(),
                context);
    }

    /** An event of a record wakes nothing: the reconcile that writes a record knows it. */
    InformerEventSource<BuildRecord, BuildEnvironment> records() {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(BuildRecord.class, BuildEnvironment.class)
                        .withInformerListLimit(Clients.PAGE)
                        .withLabelSelector(CleanroomApi.ENVIRONMENT_LABEL)
                        .withSecondaryToPrimaryMapper(Informers::environmentOf)
                        .withOnAddFilter(added -> false)
                        .withOnUpdateFilter((after, before) -> false)
                        .withOnDeleteFilter((deleted, unknown) -> false)
                        .build(),
                context);
    }

    /** A deleted budget is created again at once, since evidence must not be evicted meanwhile. */
    InformerEventSource<PodDisruptionBudget, BuildEnvironment> budgets() {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(PodDisruptionBudget.class, BuildEnvironment.class)
                        .withLabelSelector(CleanroomApi.COMPONENT_LABEL + "=" + Names.COMPONENT_EVIDENCE)
                        .withSecondaryToPrimaryMapper(
                                budget -> allIn(budget.getMetadata().getNamespace()))
                        .withOnAddFilter(added -> false)
                        .withOnUpdateFilter((after, before) -> false)
                        .build(),
                context);
    }

    InformerEventSource<TrustPolicy, BuildEnvironment> trustPolicies() {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(TrustPolicy.class, BuildEnvironment.class)
                        .withWatchAllNamespaces()
                        .withPrimaryToSecondaryMapper((BuildEnvironment environment) -> Set.of())
                        .withSecondaryToPrimaryMapper(changed -> all())
                        .withOnUpdateFilter((after, before) -> PolicySets.differ(before, after))
                        .build(),
                context);
    }

    /** A canary that becomes ready or unready wakes every environment; each decides whether it was waiting for one. */
    InformerEventSource<Pod, BuildEnvironment> canaries(String namespace) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, BuildEnvironment.class)
                        .withName("canaries")
                        .withNamespaces(Set.of(namespace))
                        .withLabelSelector(BeaconPolicy.CANARY_LABELS.entrySet().stream()
                                .map(label -> label.getKey() + "=" + label.getValue())
                                .sorted()
                                .collect(Collectors.joining(",")))
                        .withPrimaryToSecondaryMapper((BuildEnvironment environment) -> Set.of())
                        .withSecondaryToPrimaryMapper(changed -> all())
                        .withOnUpdateFilter((after, before) -> Canaries.differ(before, after))
                        .build(),
                context);
    }

    static Set<ResourceID> environmentOf(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        String environment = labels == null ? null : labels.get(CleanroomApi.ENVIRONMENT_LABEL);
        return environment == null
                ? Set.of()
                : Set.of(new ResourceID(environment, object.getMetadata().getNamespace()));
    }

    /** Whether an event of the policy may concern every environment of its namespace: a foreign one, or deny-all. */
    static boolean opensOrCloses(NetworkPolicy policy) {
        Map<String, String> labels = policy.getMetadata().getLabels();
        boolean ours = labels != null && labels.containsKey(CleanroomApi.COMPONENT_LABEL);
        boolean leaving = policy.getMetadata().getDeletionTimestamp() != null;
        return !ours || (leaving && policy.getMetadata().getName().equals(Names.DENY_ALL));
    }

    Set<ResourceID> allIn(String namespace) {
        return ids(context.getPrimaryCache().list(namespace, anyone -> true).toList());
    }

    Set<ResourceID> all() {
        return ids(context.getPrimaryCache().list().toList());
    }

    private static Set<ResourceID> ids(List<BuildEnvironment> environments) {
        return environments.stream().map(ResourceID::fromResource).collect(Collectors.toSet());
    }
}
