package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.environment.acceptance.Assessment;
import dev.cleanroom.operator.environment.acceptance.Obstacle;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.GateReport;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether network policies are enforced, as the gates of the environment's pods measured it. A pod is deleted long
 * before the next pod's gate reports, so the first of these decides:
 *
 * <ol>
 *   <li>a foreign policy that opens build pods, as long as it exists;
 *   <li>a gate that failed, as long as its pod exists;
 *   <li>that there is no canary, if a pod waits for one;
 *   <li>what was reported before, if that is a failure, until the gate of every wanted pod has passed;
 *   <li>a gate that passed, then what an earlier passed gate reported.
 * </ol>
 * The first message of a reason stays, so that the next pod's milliseconds cost no write.
 */
final class NetworkJudgement {
    private static final Set<String> FAILED = Set.of(Reasons.POLICY_NOT_ENFORCED, Reasons.GATE_UNREACHABLE);

    /** These are not measurements: their latest message counts. */
    private static final Set<String> NOT_MEASURED = Set.of(Reasons.NOT_PROBED, Reasons.FOREIGN_POLICY);

    private NetworkJudgement() {}

    static Content of(Observed observed, Assessment assessment, History history, List<BuildPod> active) {
        Optional<Content> before = StatusChange.find(observed.environment().getStatus(), Reasons.NETWORK_ENFORCED)
                .map(NetworkJudgement::stored);
        Content now = judge(observed, assessment, history, active, before);
        return before.filter(reported -> reported.status().equals(now.status())
                        && reported.reason().equals(now.reason())
                        && !NOT_MEASURED.contains(now.reason()))
                .orElse(now);
    }

    /** Whether the last gate did not pass. {@code Ready} has this reason then. */
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
        int wanted = observed.environment().getSpec() == null ? 0 : assessment.wanted(observed, history);
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
                .or(() -> before.filter(reported -> reported.reason().equals(Reasons.ENFORCED)))
                .orElseGet(() -> Content.unknown(
                        Reasons.NOT_PROBED,
                        "No gate has reported yet whether the cluster enforces network" + " policies"));
    }

    private static Optional<GateReport> first(List<GateReport> reports, String outcome) {
        return reports.stream()
                .filter(report -> report.outcome().equals(outcome))
                .findFirst();
    }

    private static Content stored(Condition condition) {
        return new Content(condition.getStatus(), condition.getReason(), condition.getMessage());
    }

    private static Content enforced(GateReport report) {
        return Content.yes(
                Reasons.ENFORCED,
                "The network was closed before the build began: the permitted test port answered, the forbidden one did"
                        + " not (" + (report.families().isEmpty() ? "" : String.join(", ", report.families()) + "; ")
                        + "after " + report.lagMillis() + " ms)");
    }

    private static Content notEnforced(Observed observed, GateReport report) {
        return Content.no(
                Reasons.POLICY_NOT_ENFORCED,
                "The pod reached a canary that deny-all should block" + families(report)
                        + ". The cluster does not enforce network policies, so no build runs, and the operator keeps"
                        + " trying. Make the network plug-in enforce them, on every node and in every address family."
                        + " The pods' nodes: kubectl get pods -o wide -n " + observed.namespace() + " -l "
                        + CleanroomApi.ENVIRONMENT_LABEL + "=" + observed.name() + detail(report));
    }

    private static Content unreachable(Observed observed, GateReport report) {
        return Content.unknown(
                Reasons.GATE_UNREACHABLE,
                "The gate could not measure whether network policies are enforced, so no build runs, and the operator"
                        + " keeps trying. Check that the canaries run, and that no policy or missing route keeps this"
                        + " namespace from reaching them: " + canaries(observed) + detail(report));
    }

    private static String canaries(Observed observed) {
        return Canaries.lookUp(observed.surroundings().canaries().namespace());
    }

    private static String families(GateReport report) {
        return report.families().isEmpty() ? "" : " over " + String.join(" and ", report.families());
    }

    /** What the gate reported. It is quoted, because the text comes from the pod. */
    private static String detail(GateReport report) {
        return report.detail().isEmpty()
                ? ""
                : "; the gate reported: \"" + report.detail().replace('"', '\'') + "\"";
    }
}
