package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Owned.Stored;
import dev.cleanroom.operator.environment.resources.IdentityAccount;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.network.EgressPolicy;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.PodState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The policies and the account that an environment owns: created when pods need them, changed at once, deleted when
 * they are no longer wanted.
 */
final class OwnedObjects {
    private OwnedObjects() {}

    static List<Write> egressPolicies(Observed observed, boolean needed) {
        return Stream.of(Phase.values())
                .flatMap(phase -> egressPolicy(observed, phase, needed).stream())
                .toList();
    }

    private static Optional<Write> egressPolicy(Observed observed, Phase phase, boolean needed) {
        BuildEnvironment environment = observed.environment();
        String canaries = observed.surroundings().canaries().namespace();
        ObjectKey key = key(observed, phase);
        Optional<Stored> stored = observed.owned().egressPolicy(phase);
        if (!isPolicyWanted(observed, phase)) {
            return stored.map(policy -> new Write.Delete(key, policy.precondition(), "NothingAllowed"));
        }
        if (stored.isEmpty()) {
            return needed
                    ? Optional.of(
                            new Write.Create(key, EgressPolicy.build(environment, phase, canaries), "EgressAllowed"))
                    : Optional.empty();
        }
        var spec = EgressPolicy.spec(environment, phase, canaries);
        return Trim.hash(spec).equals(stored.get().hash())
                ? Optional.empty()
                : Optional.of(
                        new Write.Patch(key, stored.get().precondition(), Map.of("/spec", spec), "EgressChanged"));
    }

    /** An environment that is not accepted opens nothing, but what its spec no longer allows is closed at once. */
    static List<Write> egressTakenOut(Observed observed) {
        return Stream.of(Phase.values())
                .filter(phase -> !isPolicyWanted(observed, phase))
                .filter(phase -> observed.owned()
                        .egressPolicy(phase)
                        .filter(policy -> observed.uid().equals(policy.ownerUid()) && !policy.terminating())
                        .isPresent())
                .flatMap(phase -> egressPolicy(observed, phase, false).stream())
                .toList();
    }

    /** A pod that was created preparing needs the policy of its prepare steps, also if the spec names no phases any more. */
    private static boolean isPolicyWanted(Observed observed, Phase phase) {
        return EgressPolicy.isWanted(observed.environment(), phase)
                || (phase == Phase.Prepare
                        && observed.owned().pods().stream()
                                .anyMatch(pod -> pod.state() == PodState.PREPARING
                                        && !pod.finished()
                                        && observed.uid().equals(pod.ownerUid())));
    }

    private static ObjectKey key(Observed observed, Phase phase) {
        return new ObjectKey(Resource.NETWORK_POLICY, observed.namespace(), Names.egressPolicy(observed.name(), phase));
    }

    /**
     * What is left under the environment's names without an owner, and would keep it waiting. {@link Orphans} are deleted
     * at an interval; here the environment reports it if the API server refuses that. What has another owner is left to
     * them, because only the API server knows whether that owner is gone.
     */
    static List<Write> orphans(Observed observed) {
        if (observed.owned().pods().stream().anyMatch(OwnedObjects::isStillConnected)) {
            return List.of();
        }
        return Stream.concat(
                        Stream.of(Phase.values())
                                .flatMap(phase -> orphan(
                                        key(observed, phase), observed.owned().egressPolicy(phase))),
                        orphan(key(observed), observed.owned().account()))
                .toList();
    }

    private static Stream<Write> orphan(ObjectKey key, Optional<Stored> stored) {
        return stored
                .filter(it -> it.labelled() && it.ownerUid() == null && !it.terminating())
                .map(it -> new Write.Delete(key, it.precondition(), "Orphaned"))
                .stream()
                .map(Write.class::cast);
    }

    /**
     * A pod under suspicion has tokens of this account, which become invalid when the account's uid is gone (I5).
     * This waits until every such pod is isolated: with PreserveFirst, malware that sees its tokens refused could
     * destroy what is being preserved.
     */
    static Optional<Write> revocation(Observed observed) {
        return observed.owned()
                .account()
                .filter(account -> isExposed(observed)
                        && observed.owned().exposing().stream().noneMatch(OwnedObjects::isStillConnected))
                .map(account -> new Write.Delete(key(observed), account.precondition(), "IdentityRevoked"));
    }

    private static boolean isExposed(Observed observed) {
        return !observed.owned().exposing().isEmpty();
    }

    private static boolean isStillConnected(BuildPod pod) {
        return pod.state() == PodState.SUSPECT;
    }

    private static ObjectKey key(Observed observed) {
        return new ObjectKey(Resource.SERVICE_ACCOUNT, observed.namespace(), Names.account(observed.name()));
    }

    static Optional<Write> account(Observed observed, boolean needed) {
        BuildEnvironment environment = observed.environment();
        ObjectKey key = key(observed);
        Optional<Stored> stored = observed.owned().account();
        if (!IdentityAccount.isWanted(environment)) {
            // Pods that started with the account run under its name until they end; the account of a suspect is revoked
            // separately.
            boolean used = observed.owned().pods().stream().anyMatch(pod -> !pod.held() && !pod.finished());
            return used || isExposed(observed)
                    ? Optional.empty()
                    : stored.map(account -> new Write.Delete(key, account.precondition(), "IdentityUnwanted"));
        }
        if (stored.isEmpty()) {
            return needed
                    ? Optional.of(new Write.Create(key, IdentityAccount.build(environment), "IdentityWanted"))
                    : Optional.empty();
        }
        Map<String, String> wanted = IdentityAccount.annotations(environment);
        return Trim.hash(wanted, false).equals(stored.get().hash())
                ? Optional.empty()
                : Optional.of(new Write.Patch(
                        key,
                        stored.get().precondition(),
                        Map.of("/metadata/annotations", wanted, "/automountServiceAccountToken", false),
                        "IdentityChanged"));
    }
}
