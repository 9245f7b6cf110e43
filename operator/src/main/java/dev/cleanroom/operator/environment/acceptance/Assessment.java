package dev.cleanroom.operator.environment.acceptance;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.classes.ClassChoice;
import dev.cleanroom.operator.classes.ReplicaLimit;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Predecessors;
import dev.cleanroom.operator.environment.model.Task;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.Phases;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether an environment may get pods now and, if not, why. It is made once, before anything is decided. Decisions
 * and status both read it, so status reports what was decided.
 *
 * @param refusedWrite what the API server refused in this run
 * @param obstacles everything that prevents pods from being created, in the order in which status reports it;
 *     includes a refused acceptance and a refused write
 * @param replicaLimit set if the class allows fewer pods than the spec asks for; no obstacle, because those are created
 */
public record Assessment(
        Acceptance acceptance,
        Replacement replacement,
        Optional<Obstacle> refusedWrite,
        List<Obstacle> obstacles,
        Optional<ReplicaLimit> replicaLimit) {
    private static final int MOST_NAMED = 3;

    public static Assessment of(Observed observed, Instant now) {
        Acceptance acceptance = Acceptance.of(observed);
        Replacement replacement = Replacement.of(observed, acceptance, now);
        Optional<Obstacle> refusedWrite = Refusals.first(observed);
        List<Obstacle> obstacles = Stream.of(
                        notAccepted(acceptance),
                        refusedWrite,
                        replacement.limitReached(),
                        predecessor(observed),
                        exposedAccount(observed),
                        denyAll(observed),
                        foreignPolicies(observed),
                        guardRails(observed),
                        noCanary(observed))
                .flatMap(Optional::stream)
                .toList();
        return new Assessment(acceptance, replacement, refusedWrite, obstacles, replicaLimit(observed));
    }

    /** Depends on spec and class only, so that a registry that does not answer does not change the number of pods. */
    private static Optional<ReplicaLimit> replicaLimit(Observed observed) {
        BuildEnvironmentSpec spec = observed.environment().getSpec();
        return spec != null
                        && ClassChoice.of(
                                        spec.className(),
                                        observed.surroundings().classes())
                                instanceof ClassChoice.Chosen(BuildEnvironmentClass chosen)
                ? ReplicaLimit.exceeded(spec, chosen.getMetadata().getName(), chosen.getSpec())
                : Optional.empty();
    }

    /** How many pods the environment should have now: those that its spec asks for, as far as its class allows them. */
    public int wanted(Observed observed, History history) {
        int asked = Task.wanted(observed.environment(), history);
        return replicaLimit.map(limit -> Math.min(limit.most(), asked)).orElse(asked);
    }

    public boolean mayCreatePods() {
        return obstacles.isEmpty();
    }

    /** What a person must change before anything continues: the spec, or the cause of a refused write. */
    public Optional<Obstacle> refused() {
        return acceptance instanceof Acceptance.Refused ? obstacles.stream().findFirst() : refusedWrite;
    }

    public Optional<Obstacle> obstacle(String reason) {
        return obstacles.stream()
                .filter(obstacle -> obstacle.reason().equals(reason))
                .findFirst();
    }

    /** Whether an obstacle has to be checked again because no event reports its end. */
    public boolean looksAgain() {
        return obstacles.stream().anyMatch(Obstacle::unwatched);
    }

    private static Optional<Obstacle> notAccepted(Acceptance acceptance) {
        return switch (acceptance) {
            case Acceptance.Accepted accepted -> Optional.empty();
            case Acceptance.Refused refused ->
                Optional.of(new Obstacle(refused.reason(), refused.message(), true, true));
            case Acceptance.Undecided undecided ->
                Optional.of(new Obstacle(undecided.reason(), undecided.message(), false, true));
        };
    }

    private static Optional<Obstacle> predecessor(Observed observed) {
        if (!Predecessors.inTheWay(observed)) {
            return Optional.empty();
        }
        return Stream.of(Phase.values())
                .filter(phase -> observed.owned()
                        .egressPolicy(phase)
                        .filter(policy -> !policy.labelled())
                        .isPresent())
                .findFirst()
                .map(foreign -> nameTaken(observed, foreign))
                .or(() -> Optional.of(waitingForPredecessor()));
    }

    private static Obstacle waitingForPredecessor() {
        return new Obstacle(
                Reasons.WAITING_FOR_PREDECESSOR,
                "A network policy or service account of a former environment of this name still exists."
                        + " It is deleted automatically, and pods are created after that",
                false,
                false);
    }

    private static Obstacle nameTaken(Observed observed, Phase phase) {
        String name = Names.egressPolicy(observed.name(), phase);
        return new Obstacle(
                Reasons.NAME_TAKEN,
                "The network policy " + name + " was not created by Cleanroom, and may open the pods of this"
                        + " environment, so no pod is created. Give the environment another name, or delete the policy:"
                        + " kubectl delete networkpolicy " + name + " -n " + observed.namespace(),
                true,
                true);
    }

    /** A pod that is created now would get tokens of a suspect's account, or its tokens would become invalid. */
    private static Optional<Obstacle> exposedAccount(Observed observed) {
        return observed.owned().exposing().isEmpty()
                ? Optional.empty()
                : Optional.of(new Obstacle(
                        Reasons.UNDER_INVESTIGATION,
                        "A pod under investigation has tokens of this environment's service account. The account"
                                + " is replaced before the next pod is created",
                        false,
                        false));
    }

    private static Optional<Obstacle> denyAll(Observed observed) {
        return switch (observed.surroundings().denyAll()) {
            case ABSENT, STORED, CONFIRMED -> Optional.empty();
            case TERMINATING ->
                Optional.of(new Obstacle(
                        Reasons.WAITING_FOR_PREDECESSOR,
                        "The namespace's deny-all policy is being deleted. Pods are created after it was deleted"
                                + " and created again",
                        false,
                        true));
            case TAKEN ->
                Optional.of(new Obstacle(
                        Reasons.NAME_TAKEN,
                        "The network policy " + Names.DENY_ALL + " is not the one that Cleanroom creates under this"
                                + " name, so nothing closes the network of build pods and no pod is created. Delete"
                                + " it: kubectl delete networkpolicy " + Names.DENY_ALL + " -n "
                                + observed.namespace(),
                        true,
                        true));
        };
    }

    private static Optional<Obstacle> foreignPolicies(Observed observed) {
        List<String> names = observed.surroundings().network().foreign();
        if (names.isEmpty()) {
            return Optional.empty();
        }
        String more = names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "";
        return Optional.of(new Obstacle(
                Reasons.FOREIGN_POLICY,
                "No pod is created while build pods are opened by a network policy that Cleanroom did not"
                        + " create: "
                        + String.join(", ", names.subList(0, Math.min(names.size(), MOST_NAMED))) + more
                        + ". Delete the policy, or exclude build pods in its spec.podSelector: matchExpressions:"
                        + " [{key: "
                        + CleanroomApi.ENVIRONMENT_LABEL
                        + ", operator: DoesNotExist}]; see: kubectl get networkpolicies -n "
                        + observed.namespace(),
                true,
                true));
    }

    /** An older guard rail takes a preparing pod for evidence, and refuses what its kubelet reports. */
    private static Optional<Obstacle> guardRails(Observed observed) {
        BuildEnvironmentSpec spec = observed.environment().getSpec();
        return observed.surroundings()
                .preparingNotReady()
                .filter(why -> spec != null && Phases.areNamed(spec))
                .map(why -> new Obstacle(
                        Reasons.GUARD_RAILS_OUTDATED, "No pod with phases is created yet. " + why, false, true));
    }

    private static Optional<Obstacle> noCanary(Observed observed) {
        var canaries = observed.surroundings().canaries();
        return canaries.unavailable()
                ? Optional.of(new Obstacle(
                        Reasons.CANARY_UNAVAILABLE,
                        "No canary is ready, so enforcement cannot be measured and no pod is created; see: "
                                + Canaries.lookUp(canaries.namespace()),
                        false,
                        false))
                : Optional.empty();
    }
}
