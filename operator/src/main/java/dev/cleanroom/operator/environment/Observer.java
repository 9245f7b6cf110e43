package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.acceptance.ClassChoice;
import dev.cleanroom.operator.environment.model.BuildPod;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.environment.model.Surroundings;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.environment.resources.Names;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Overlay;
import dev.cleanroom.operator.kube.plan.Write.Seen;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageTrust;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Gathers, for one run, what a decision reads: the caches, this run's own answers over them, and the decisions on images. */
final class Observer {
    private final Caches caches;
    private final Api api;
    private final ImageTrust trust;
    private final Map<ObjectKey, Boolean> missing = new HashMap<>();

    Observer(Caches caches, Api api, ImageTrust trust) {
        this.caches = caches;
        this.api = api;
        this.trust = trust;
    }

    Observed observe(BuildEnvironment cached, Overlay overlay, Optional<Instant> statusDiffersSince) {
        String namespace = cached.getMetadata().getNamespace();
        String name = cached.getMetadata().getName();
        BuildEnvironment environment = overlay.lookUp(
                        new ObjectKey(Resource.BUILD_ENVIRONMENT, namespace, name),
                        BuildEnvironment.class,
                        Optional.of(cached))
                .orElse(cached);
        return new Observed(
                environment,
                surroundings(environment, overlay),
                owned(environment, overlay),
                List.copyOf(overlay.failures()),
                statusDiffersSince);
    }

    private Owned owned(BuildEnvironment environment, Overlay overlay) {
        String namespace = environment.getMetadata().getNamespace();
        String name = environment.getMetadata().getName();
        List<BuildPod> pods = overlay.layOver(Resource.POD, Pod.class, caches.pods(environment)).stream()
                .map(pod -> BuildPod.of(name, pod))
                .flatMap(Optional::stream)
                .toList();
        return new Owned(
                pods,
                policy(namespace, Names.egressPolicy(name), overlay).map(Observer::stored),
                overlay.lookUp(
                                new ObjectKey(Resource.SERVICE_ACCOUNT, namespace, Names.account(name)),
                                ServiceAccount.class,
                                caches.account(namespace, Names.account(name)))
                        .map(Observer::stored));
    }

    private Surroundings surroundings(BuildEnvironment environment, Overlay overlay) {
        String namespace = environment.getMetadata().getNamespace();
        List<BuildEnvironmentClass> classes = caches.classes();
        return new Surroundings(
                caches.namespaceLabels(namespace),
                classes,
                imageDecisions(environment),
                policy(namespace, Names.DENY_ALL, overlay)
                        .map(Observer::denyAll)
                        .orElse(DenyAll.ABSENT),
                api.ownAudiences(),
                isTrustBundleMissing(environment, classes));
    }

    private Optional<NetworkPolicy> policy(String namespace, String name, Overlay overlay) {
        return overlay.lookUp(
                new ObjectKey(Resource.NETWORK_POLICY, namespace, name),
                NetworkPolicy.class,
                caches.policy(namespace, name));
    }

    private static DenyAll denyAll(NetworkPolicy policy) {
        return policy.getMetadata().getDeletionTimestamp() == null ? DenyAll.STORED : DenyAll.TERMINATING;
    }

    private Map<String, ImageDecision> imageDecisions(BuildEnvironment environment) {
        Map<String, ImageDecision> decided = new LinkedHashMap<>();
        Acceptance.imagesOf(environment).forEach(reference -> {
            CompletableFuture<ImageDecision> decision = trust.decide(reference);
            if (decision.isDone()) {
                decided.put(reference, decision.join());
            } else {
                // Never exceptional by contract, so nothing is lost by not keeping what this returns.
                CompletableFuture<ImageDecision> unused =
                        decision.whenComplete((outcome, error) -> caches.wake(environment));
            }
        });
        return decided;
    }

    /** Asked of the server: ConfigMaps are never watched, there are too many that are none of our business. */
    private boolean isTrustBundleMissing(BuildEnvironment environment, List<BuildEnvironmentClass> classes) {
        if (environment.getSpec() == null
                || !(ClassChoice.of(environment.getSpec().className(), classes)
                        instanceof ClassChoice.Chosen(BuildEnvironmentClass chosen))
                || chosen.getSpec().trustBundle() == null) {
            return false;
        }
        var key = new ObjectKey(
                Resource.CONFIG_MAP,
                environment.getMetadata().getNamespace(),
                chosen.getSpec().trustBundle());
        return missing.computeIfAbsent(key, asked -> api.get(asked) instanceof Answer.Rejected);
    }

    private static Owned.Stored stored(HasMetadata object) {
        return new Owned.Stored(
                Seen.of(object),
                Executor.ownerUid(object),
                Trim.hashOf(object),
                object.getMetadata().getDeletionTimestamp() != null);
    }
}
