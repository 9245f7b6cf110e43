package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.List;
import java.util.Map;

/** Whether a namespace is there, open for builds, and strict. */
final class NamespaceCheck {
    private static final String POD_SECURITY = "pod-security.kubernetes.io/enforce";
    private static final String RESTRICTED = "restricted";

    private NamespaceCheck() {}

    static Map<String, String> labels(Namespace namespace) {
        Map<String, String> labels = namespace.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }

    static List<Finding> of(Read<Namespace> namespace, String name, Target target) {
        String what = "namespace " + name;
        return switch (namespace) {
            case Read.Denied<Namespace> denied -> List.of(Finding.denied(what, denied));
            case Read.Absent<Namespace> _ ->
                List.of(Finding.missing(what, "it does not exist", "kubectl create namespace " + name));
            case Read.Found<Namespace>(Namespace found)
            when name.equals(target.operatorNamespace()) -> List.of(operators(what, name, found));
            case Read.Found<Namespace>(Namespace found) -> List.of(open(what, name, found), strict(what, name, found));
        };
    }

    private static boolean isOpen(Namespace namespace) {
        return CleanroomApi.BUILDS_ENABLED.equals(labels(namespace).get(CleanroomApi.BUILDS_LABEL));
    }

    /** Open for builds, the guard rails would refuse the operator's own pods their account. */
    private static Finding operators(String what, String name, Namespace namespace) {
        return Finding.missing(
                what,
                "it is the operator's own, where no builds may run: take another",
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

    private static Finding strict(String what, String name, Namespace namespace) {
        return RESTRICTED.equals(labels(namespace).get(POD_SECURITY))
                ? Finding.ok(what + " enforces Pod Security restricted")
                : Finding.note(
                        what,
                        "it does not enforce Pod Security restricted, which every build pod fits; others in it may not",
                        "kubectl label --overwrite namespace " + name + " " + POD_SECURITY + "=" + RESTRICTED);
    }
}
