package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.environment.acceptance.Assessment;
import dev.cleanroom.operator.environment.acceptance.Obstacle;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Task;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.GateReport;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether network policies are enforced, as the gates of the environment's pods saw it. A pod is gone long before the next
 * one's gate has told, so:
 *
 * <ol>
 *   <li>a foreign policy that opens build pods is told as long as it is there;
 *   <li>a gate that failed is told as long as its pod is there;
 *   <li>then that there is no canary, where a pod waits for one;
 *   <li>then what was told before: a failure until every wanted pod's gate has passed;
 *   <li>then a gate that passed, and what one that passed has told.
 * </ol>
 *
 * The first message of a reason stays, so that the next pod's milliseconds cost no write.
 */
final class NetworkJudgement {
    private static final Set<String> FAILED = Set.of(Reasons.POLICY_NOT_ENFORCED, Reasons.GATE_UNREACHABLE);

    /** What is no measurement: the latest message counts. */
    private static final Set<String> RETOLD = Set.of(Reasons.NOT_PROBED, Reasons.FOREIGN_POLICY);

    private NetworkJudgement() {}

    static Content of(Observed observed, Assessment assessment, History history, List<BuildPod> active) {
        Optional<Content> before = StatusChange.find(observed.environment().getStatus(), Reasons.NETWORK_ENFORCED)
                .map(NetworkJudgement::asTold);
        Content now = judge(observed, assessment, history, active, before);
        return before.filter(told -> told.status().equals(now.status())
                        && told.reason().equals(now.reason())
                        && !RETOLD.contains(now.reason()))
                .orElse(now);
    }

    /** Whether the last gate did not pass: {@code Ready} has this reason then. */
    static boolean isFailed(Content network) {
        return FAILED.contains(network.reason());
    }

    /** Whether a person must change something before a gate can pass. */
    static boolean waitsForAPerson(Content network) {
        return network.reason().equals(Reasons.POLICY_NOT_ENFORCED);
    }

    private static Content judge(
            Observed observed,
            Assessment assessment,
            History history,
            List<BuildPod> active,
            Optional<Content> before) {
        Optional<Obstacle> foreign = assessment.obstacle(Reasons.FOREIGN_POLICY);
        if (foreign.isPresent()) {
            return Content.no(foreign.get().reason(), foreign.get().message());
        }
        List<GateReport> reports = observed.owned().pods().stream()
                .filter(pod -> !pod.held() && observed.uid().equals(pod.ownerUid()))
                .flatMap(pod -> pod.gate().stream())
                .toList();
        Optional<GateReport> open = first(reports, Reasons.POLICY_NOT_ENFORCED);
        if (open.isPresent()) {
            return notEnforced(observed, open.get());
        }
        Optional<GateReport> unknown = first(reports, Reasons.GATE_UNREACHABLE);
        if (unknown.isPresent()) {
            return unreachable(observed, unknown.get());
        }
        int wanted = observed.environment().getSpec() == null ? 0 : Task.wanted(observed.environment(), history);
        Optional<Obstacle> noCanary = assessment.obstacle(Reasons.CANARY_UNAVAILABLE);
        if (active.size() < wanted && noCanary.isPresent()) {
            return Content.unknown(noCanary.get().reason(), noCanary.get().message());
        }
        boolean allPassed = active.size() >= wanted
                && active.stream()
                        .allMatch(pod -> pod.gate().filter(GateReport::enforced).isPresent());
        if (before.isPresent() && FAILED.contains(before.get().reason()) && !allPassed) {
            return before.get();
        }
        return first(reports, Reasons.ENFORCED)
                .map(NetworkJudgement::enforced)
                .or(() -> before.filter(told -> told.reason().equals(Reasons.ENFORCED)))
                .orElseGet(() -> Content.unknown(
                        Reasons.NOT_PROBED, "no gate has told yet whether the cluster enforces network policies"));
    }

    private static Optional<GateReport> first(List<GateReport> reports, String outcome) {
        return reports.stream()
                .filter(report -> report.outcome().equals(outcome))
                .findFirst();
    }

    private static Content asTold(Condition condition) {
        return new Content(condition.getStatus(), condition.getReason(), condition.getMessage());
    }

    private static Content enforced(GateReport report) {
        return Content.yes(
                Reasons.ENFORCED,
                "the beacon answers and the canary does not" + over(report) + "; as first measured, in force "
                        + report.lagMillis() + " ms after the gate's start");
    }

    private static Content notEnforced(Observed observed, GateReport report) {
        return Content.no(
                Reasons.POLICY_NOT_ENFORCED,
                "a canary answered that deny-all keeps from this pod" + over(report)
                        + ": the cluster does not enforce network policies, and no build runs without; have the network"
                        + " plug-in enforce them, on every node and in every address family: kubectl get pods -o wide -n "
                        + observed.namespace() + " -l " + CleanroomApi.ENVIRONMENT_LABEL + "=" + observed.name()
                        + "; tried again by itself" + words(report));
    }

    private static Content unreachable(Observed observed, GateReport report) {
        return Content.unknown(
                Reasons.GATE_UNREACHABLE,
                "the gate has no verdict, and no build runs without; do the canaries run, and does a policy or a missing"
                        + " route keep this namespace from them? See: " + canaries(observed) + "; tried again by itself"
                        + words(report));
    }

    private static String canaries(Observed observed) {
        return Canaries.lookUp(observed.surroundings().canaries().namespace());
    }

    private static String over(GateReport report) {
        return report.families().isEmpty() ? "" : " over " + String.join(" and ", report.families());
    }

    /** Quoted: they are the pod's, not ours. */
    private static String words(GateReport report) {
        return report.detail().isEmpty()
                ? ""
                : "; the gate said: \"" + report.detail().replace('"', '\'') + "\"";
    }
}
