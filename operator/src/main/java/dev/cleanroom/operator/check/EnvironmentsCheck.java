package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.PullSecret;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.trust.PullSecretSource;
import dev.cleanroom.operator.trust.policy.PolicyCode;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Checks what the environments of a namespace wait for: policies that match their images, and permission to read their
 * pull secrets.
 */
final class EnvironmentsCheck {
    private static final String NO_POLICY = PolicyCode.NoMatchingPolicy.name();

    private EnvironmentsCheck() {}

    static List<Finding> images(Lookup<List<BuildEnvironment>> environments, String namespace) {
        String what = "images of the environments in " + namespace;
        return switch (environments) {
            case Lookup.Denied<List<BuildEnvironment>> denied -> List.of(Finding.denied(what, denied));
            case Lookup.Absent<List<BuildEnvironment>> _ -> List.of();
            case Lookup.Found<List<BuildEnvironment>>(var all) -> images(what, namespace, all);
        };
    }

    private static List<Finding> images(String what, String namespace, List<BuildEnvironment> all) {
        SortedMap<String, SortedSet<String>> byReason = new TreeMap<>();
        for (BuildEnvironment environment : all) {
            byReason.computeIfAbsent(reason(environment), reason -> new TreeSet<>())
                    .add(environment.getMetadata().getName());
        }
        SortedSet<String> verified = byReason.getOrDefault(Reasons.VERIFIED, new TreeSet<>());
        SortedSet<String> unmatched = byReason.getOrDefault(NO_POLICY, new TreeSet<>());
        byReason.keySet().removeAll(List.of(Reasons.VERIFIED, NO_POLICY));
        List<Finding> findings = new ArrayList<>();
        if (verified.size() == all.size()) {
            findings.add(Finding.ok(what + ": " + (all.isEmpty() ? "no environment yet" : all.size() + " verified")));
        }
        if (!unmatched.isEmpty()) {
            findings.add(Finding.missing(
                    what,
                    "no policy matches the images of " + unmatched.size() + ": " + String.join(", ", unmatched),
                    "kubectl edit tpol  # add to spec.images the images shown by: kubectl describe benv -n " + namespace
                            + " " + unmatched.first()));
        }
        if (!byReason.isEmpty()) {
            findings.add(Finding.note(what, "not verified: " + counts(byReason), "kubectl get benv -n " + namespace));
        }
        return findings;
    }

    private static String counts(SortedMap<String, SortedSet<String>> byReason) {
        return byReason.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue().size())
                .collect(Collectors.joining(", "));
    }

    private static String reason(BuildEnvironment environment) {
        List<Condition> conditions =
                environment.getStatus() == null || environment.getStatus().conditions() == null
                        ? List.of()
                        : environment.getStatus().conditions();
        return Conditions.find(conditions, Reasons.IMAGE_VERIFIED)
                .map(Condition::getReason)
                .orElse(Reasons.PENDING);
    }

    /** The pull secrets that environments name; empty if the environments could not be read. */
    static SortedSet<String> pullSecrets(Lookup<List<BuildEnvironment>> environments) {
        SortedSet<String> names = new TreeSet<>();
        if (environments instanceof Lookup.Found<List<BuildEnvironment>>(var all)) {
            for (BuildEnvironment environment : all) {
                if (environment.getSpec() != null && environment.getSpec().imagePullSecrets() != null) {
                    environment.getSpec().imagePullSecrets().stream()
                            .map(PullSecret::name)
                            .forEach(names::add);
                }
            }
        }
        return names;
    }

    /** @param mayGet whether the operator may get each pull secret, by name */
    static List<Finding> pullRights(Map<String, Lookup<Boolean>> mayGet, String namespace, Target target) {
        if (mayGet.isEmpty()) {
            return List.of();
        }
        String what = "pull secrets in " + namespace + " (" + String.join(", ", new TreeSet<>(mayGet.keySet())) + ")";
        for (Lookup<Boolean> answer : mayGet.values()) {
            if (answer instanceof Lookup.Denied<Boolean> denied) {
                return List.of(Finding.denied(what + ": whether the operator may read them", denied));
            }
        }
        boolean all = mayGet.values().stream().allMatch(new Lookup.Found<>(true)::equals);
        return List.of(
                all
                        ? Finding.ok(what + ": the operator may read them")
                        : Finding.missing(
                                what,
                                "the operator may not read them, so it cannot verify private images",
                                PullSecretSource.InCluster.letRead(namespace, target.operatorNamespace())));
    }
}
