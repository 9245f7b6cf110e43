package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.record.RunLogs;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.List;
import java.util.Map;

/** Checks whether a namespace exists, is open for builds, enforces Pod Security, and lets the operator read logs of runs. */
final class NamespaceCheck {
    private static final String POD_SECURITY = "pod-security.kubernetes.io/enforce";
    private static final String RESTRICTED = "restricted";

    private NamespaceCheck() {}

    static Map<String, String> labels(Namespace namespace) {
        Map<String, String> labels = namespace.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    static List<Finding> of(Lookup<Namespace> namespace, String name, Target target) {
        String what = "namespace " + name;
        return switch (namespace) {
            case Lookup.Denied<Namespace> denied -> List.of(Finding.denied(what, denied));
            case Lookup.Absent<Namespace> _ ->
                List.of(Finding.missing(what, "it does not exist", "kubectl create namespace " + name));
            case Lookup.Found<Namespace>(Namespace found)
            when name.equals(target.operatorNamespace()) -> List.of(operators(what, name, found));
            case Lookup.Found<Namespace>(Namespace found) ->
                List.of(open(what, name, found), strict(what, name, found));
        };
    }

    static boolean isOpen(Namespace namespace) {
        return CleanroomApi.BUILDS_ENABLED.equals(labels(namespace).get(CleanroomApi.BUILDS_LABEL));
    }

    /** If it were open for builds, the guard rails would forbid the operator's pods their service account. */
    private static Finding operators(String what, String name, Namespace namespace) {
        return Finding.missing(
                what,
                "it is the operator's namespace, where no builds may run; use another",
                isOpen(namespace)
                        ? "kubectl label namespace " + name + " " + CleanroomApi.BUILDS_LABEL + "-"
                        : "kubectl create namespace builds");
    }

    private static Finding open(String what, String name, Namespace namespace) {
        return isOpen(namespace)
                ? Finding.ok(what + " is open for builds")
                : Finding.missing(
                        what,
                        "it is not open for builds",
                        "kubectl label --overwrite namespace " + name + " " + CleanroomApi.BUILDS_LABEL + "="
                                + CleanroomApi.BUILDS_ENABLED);
    }

    /** @param may whether the operator may read the logs of pods in an open namespace */
    static Finding logs(Lookup<Boolean> may, String name, Target target) {
        String what = "logs of runs in " + name;
        if (may instanceof Lookup.Denied<Boolean> denied) {
            return Finding.denied(what + ": whether the operator may read them", denied);
        }
        return new Lookup.Found<>(true).equals(may)
                ? Finding.ok(what + ": the operator may read them")
                : Finding.note(
                        what,
                        "the operator may not read them, so the records of these runs do not say what the runs tried",
                        RunLogs.letRead(name, target.operatorNamespace()));
    }

    private static Finding strict(String what, String name, Namespace namespace) {
        return RESTRICTED.equals(labels(namespace).get(POD_SECURITY))
                ? Finding.ok(what + " enforces Pod Security restricted")
                : Finding.note(
                        what,
                        "it does not enforce Pod Security restricted; build pods comply with it, but check other"
                                + " pods there before"
                                + " you enforce it",
                        "kubectl label --overwrite namespace " + name + " " + POD_SECURITY + "=" + RESTRICTED);
    }
}
