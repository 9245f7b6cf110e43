package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.environment.EnvironmentRun.Decision;
import dev.cleanroom.operator.environment.decide.EnvironmentDecision;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.BuildPod.Origin;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.PodState;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.ImageTrust;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Faults around the environment's decision: what it sees, or what it wants, is changed. */
final class DecisionFaults {
    private DecisionFaults() {}

    private static Fault deciding(Decision decision) {
        return new Fault() {
            @Override
            public Decision decision() {
                return decision;
            }
        };
    }

    private static Fault seeing(UnaryOperator<Owned> change) {
        return deciding((observed, now) -> EnvironmentDecision.decide(
                new Observed(
                        observed.environment(),
                        observed.surroundings(),
                        change.apply(observed.owned()),
                        observed.failures(),
                        observed.statusTiming()),
                now));
    }

    private static Fault wanting(BiFunction<Observed, List<Write>, List<Write>> change) {
        return deciding((observed, now) -> {
            Plan plan = EnvironmentDecision.decide(observed, now);
            return new Plan(change.apply(observed, plan.writes()), plan.wakeUp(), plan.holdsProgress());
        });
    }

    static Fault denyAllAfterPods() {
        return wanting((observed, writes) -> {
            List<Write> last = writes.stream().filter(DecisionFaults::isDenyAll).toList();
            return Stream.concat(writes.stream().filter(it -> !isDenyAll(it)), last.stream())
                    .toList();
        });
    }

    private static boolean isDenyAll(Write write) {
        return write.target().name().equals(Names.DENY_ALL);
    }

    /** The ended pod goes first, then its end is counted. */
    static Fault countedAfterDeletion() {
        return wanting((observed, writes) -> {
            boolean counts = writes.stream().anyMatch(it -> it instanceof Write.ApplyStatus && isCount(it));
            List<Write> all = new ArrayList<>();
            observed.owned().pods().stream()
                    .filter(pod -> counts && pod.finished() && !pod.held() && !pod.terminating())
                    .forEach(pod -> all.add(new Write.Delete(
                            new ObjectKey(
                                    Resource.POD, observed.namespace(), pod.id().name()),
                            pod.id().precondition(),
                            "AttemptCounted")));
            all.addAll(writes);
            return all;
        });
    }

    /** A run is counted, and its record is forgotten. */
    static Fault runsNotRecorded() {
        return wanting((observed, writes) -> writes.stream()
                .filter(write -> write.target().resource() != Resource.BUILD_RECORD)
                .toList());
    }

    static Fault endsNotCounted() {
        return wanting((observed, writes) -> writes.stream().anyMatch(DecisionFaults::isCount) ? List.of() : writes);
    }

    private static boolean isCount(Write write) {
        return write.reason().equals("AttemptCounted") && write instanceof Write.ApplyStatus;
    }

    static Fault heldPodsTreatedAsOwn() {
        return seeing(owned -> pods(
                owned,
                pod -> new BuildPod(
                        pod.id(), pod.origin(), PodState.ACTIVE, pod.quarantineRequested(), pod.times(), pod.told())));
    }

    /** The tokens that a suspect has do not count: its account stays. */
    static Fault accountNotDeletedFirst() {
        return seeing(owned -> pods(
                owned,
                pod -> pod.held()
                        ? new BuildPod(
                                pod.id(),
                                new Origin(
                                        pod.ownerUid(),
                                        pod.specHash(),
                                        pod.origin().rerun(),
                                        Optional.empty(),
                                        List.of(),
                                        pod.origin().answered()),
                                pod.state(),
                                pod.quarantineRequested(),
                                pod.times(),
                                pod.told())
                        : pod));
    }

    /** A suspect whose network is still open counts as cut off. */
    static Fault suspectsTakenForCutOff() {
        return seeing(owned -> pods(
                owned,
                pod -> pod.state() == PodState.SUSPECT
                        ? new BuildPod(
                                pod.id(),
                                pod.origin(),
                                PodState.QUARANTINED,
                                pod.quarantineRequested(),
                                pod.times(),
                                pod.told())
                        : pod));
    }

    private static Owned pods(Owned owned, UnaryOperator<BuildPod> change) {
        return new Owned(
                owned.pods().stream().map(change).toList(),
                owned.egressPolicies(),
                owned.account(),
                owned.incidents(),
                owned.reported(),
                owned.refusals(),
                owned.records());
    }

    /** An answer from before an incident is one after it. */
    static Fault answersKeptOverIncidents() {
        return new Fault() {
            @Override
            public ImageTrust onTheQuestion(ImageTrust trust) {
                return request -> trust.decide(new ImageRequest(
                        request.reference(), request.platform(), request.tenant(), request.policies()));
            }
        };
    }

    /** A held pod without an incident looks as if it had one. */
    static Fault gateIgnoresPodsWithoutIncident() {
        return seeing(owned -> new Owned(
                owned.pods(),
                owned.egressPolicies(),
                owned.account(),
                owned.incidents(),
                owned.pods().stream()
                        .filter(BuildPod::held)
                        .map(pod -> pod.id().precondition().uid())
                        .collect(Collectors.toSet()),
                owned.refusals(),
                owned.records()));
    }

    /** Pods stay preparing for ever, and their launchers wait. */
    static Fault buildsNotStarted() {
        return wanting((observed, writes) -> writes.stream()
                .filter(write -> !write.reason().equals("Prepared"))
                .toList());
    }

    /** The policy of the build has the rules of the prepare steps too. */
    static Fault rulesForPrepareInBothPolicies() {
        return deciding((observed, now) -> EnvironmentDecision.decide(
                new Observed(
                        withoutPhasesOfRules(observed.environment()),
                        observed.surroundings(),
                        observed.owned(),
                        observed.failures(),
                        observed.statusTiming()),
                now));
    }

    private static BuildEnvironment withoutPhasesOfRules(BuildEnvironment environment) {
        ObjectNode json = Encoding.tree(environment);
        json.at("/spec/egress").forEach(rule -> ((ObjectNode) rule).remove("phases"));
        return (BuildEnvironment) Encoding.typed(Resource.BUILD_ENVIRONMENT, json);
    }
}
