package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.network.Canaries;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Checks whether network policies are enforced, by the results of the gates of a namespace's pods. */
final class EnforcementCheck {
    private EnforcementCheck() {}

    static Finding of(Lookup<List<BuildEnvironment>> environments, String namespace, Target target) {
        String what = "enforcement of network policies, measured by the gates in " + namespace;
        return switch (environments) {
            case Lookup.Denied<List<BuildEnvironment>> denied -> Finding.denied(what, denied);
            case Lookup.Absent<List<BuildEnvironment>> _ -> Finding.note(what, "no gate has measured it yet");
            case Lookup.Found<List<BuildEnvironment>>(var all) -> judged(what, namespace, target, counted(all));
        };
    }

    private static Finding judged(String what, String namespace, Target target, SortedMap<String, Integer> byReason) {
        String counts = byReason.entrySet().stream()
                .map(reason -> reason.getKey() + " " + reason.getValue())
                .collect(Collectors.joining(", "));
        if (byReason.containsKey(Reasons.POLICY_NOT_ENFORCED)) {
            return Finding.missing(
                    what,
                    counts + ": make your network plug-in enforce them on the nodes of these pods",
                    "kubectl get pods -o wide -n " + namespace + " -l " + CleanroomApi.ENVIRONMENT_LABEL);
        }
        if (byReason.containsKey(Reasons.FOREIGN_POLICY)) {
            return Finding.missing(
                    what,
                    counts
                            + ": network policies that Cleanroom did not create allow connections of build pods; the"
                            + " NetworkEnforced conditions name them",
                    "kubectl get networkpolicies -n " + namespace);
        }
        if (byReason.containsKey(Reasons.CANARY_UNAVAILABLE) || byReason.containsKey(Reasons.GATE_UNREACHABLE)) {
            return Finding.missing(
                    what,
                    counts + ": the canaries must run, and pods in " + namespace + " must be able to reach the beacon",
                    Canaries.lookUp(target.operatorNamespace()));
        }
        return byReason.containsKey(Reasons.ENFORCED)
                ? Finding.ok(what + ": " + counts)
                : Finding.note(what, "no gate has measured it yet; the first build in " + namespace + " does");
    }

    private static SortedMap<String, Integer> counted(List<BuildEnvironment> all) {
        SortedMap<String, Integer> byReason = new TreeMap<>();
        for (BuildEnvironment environment : all) {
            List<Condition> conditions = environment.getStatus() == null
                    ? null
                    : environment.getStatus().conditions();
            byReason.merge(
                    Conditions.find(conditions, Reasons.NETWORK_ENFORCED)
                            .map(Condition::getReason)
                            .orElse(Reasons.NOT_PROBED),
                    1,
                    Integer::sum);
        }
        return byReason;
    }
}
