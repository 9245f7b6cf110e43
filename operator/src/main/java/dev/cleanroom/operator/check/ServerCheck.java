package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks the API server: its version, and which kinds it serves. */
final class ServerCheck {
    /** The chart's {@code kubeVersion}. */
    static final int LEAST_MINOR = 31;

    static final String API = CleanroomApi.GROUP + "/" + CleanroomApi.VERSION;
    static final String ADMISSION = Resource.MUTATING_POLICY.apiVersion();

    private static final String LEAST = "1." + LEAST_MINOR;
    private static final Pattern VERSION = Pattern.compile("v?1\\.([0-9]{1,4})\\D.*");
    private static final String SERVER = "API server";
    private static final String MUTATING = "quarantine in the same write";

    private ServerCheck() {}

    static Finding version(Lookup<String> version) {
        return switch (version) {
            case Lookup.Denied<String> denied -> Finding.denied(SERVER + " answers; its version", denied);
            case Lookup.Absent<String> _ -> unknown("it does not report its version");
            case Lookup.Found<String>(String text) -> {
                Matcher parsed = VERSION.matcher(text + " ");
                if (!parsed.matches()) {
                    yield unknown(text);
                }
                yield Integer.parseInt(parsed.group(1)) >= LEAST_MINOR
                        ? Finding.ok(SERVER + " answers, " + text)
                        : Finding.missing(
                                SERVER + " of " + LEAST + " or later",
                                "its version is " + text,
                                "# upgrade the control plane to Kubernetes " + LEAST + " or later");
            }
        };
    }

    private static Finding unknown(String version) {
        return Finding.note(
                SERVER + " answers", "it is not known whether its version is " + LEAST + " or later: " + version);
    }

    static Finding mutatingPolicies(Lookup<Set<String>> admission) {
        boolean served = admission instanceof Lookup.Found<Set<String>>(Set<String> plurals)
                && plurals.contains(Resource.MUTATING_POLICY.plural());
        if (admission instanceof Lookup.Denied<Set<String>> denied) {
            return Finding.denied(MUTATING, denied);
        }
        return served
                ? Finding.ok(MUTATING + ": MutatingAdmissionPolicy v1 is served")
                : Finding.note(
                        MUTATING,
                        "MutatingAdmissionPolicy v1 is not served, so the operator quarantines with a second write");
    }

    static List<Finding> kinds(Lookup<Set<String>> ours, Target target) {
        return switch (ours) {
            case Lookup.Denied<Set<String>> denied ->
                List.of(Finding.denied("CustomResourceDefinitions of " + API, denied));
            case Lookup.Absent<Set<String>> _ ->
                List.of(Finding.missing("CustomResourceDefinitions of " + API, "none is served", target.install()));
            case Lookup.Found<Set<String>>(Set<String> plurals) -> kinds(plurals);
        };
    }

    private static List<Finding> kinds(Set<String> served) {
        List<Finding> findings = new ArrayList<>();
        Stream.of(Resource.values())
                .filter(resource -> resource.apiVersion().equals(API))
                .forEach(resource -> findings.add(
                        served.contains(resource.plural())
                                ? Finding.ok("CustomResourceDefinition of " + resource.kind())
                                : Finding.missing(
                                        "CustomResourceDefinition of " + resource.kind(),
                                        "it is not served at " + CleanroomApi.VERSION,
                                        "kubectl apply --server-side -f helm/cleanroom/files/crds/" + resource.plural()
                                                + "." + CleanroomApi.GROUP + ".yaml")));
        return findings;
    }
}
