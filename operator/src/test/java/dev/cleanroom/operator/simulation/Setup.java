package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.api.v1alpha1.ResponseOrder;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What a seed fixes before its first step: the cluster, the class, and what the environments look like. */
record Setup(
        boolean mutating,
        ResponseOrder order,
        Rebuild rebuild,
        boolean identity,
        boolean claim,
        boolean namespaceGoes,
        boolean taskExpires,
        boolean phases) {
    /** What only an egress rule for Prepare names. */
    static final String FETCHED_FROM = "10.20.0.0/16";

    static final String NAMESPACE = "team";
    static final List<String> ENVIRONMENTS = List.of("agents", "task");

    static Setup of(Random random) {
        return new Setup(
                random.nextBoolean(),
                random.nextInt(3) == 0 ? ResponseOrder.PreserveFirst : ResponseOrder.IsolateFirst,
                random.nextInt(2) == 0 ? Rebuild.Automatic : Rebuild.values()[random.nextInt(3)],
                random.nextBoolean(),
                random.nextInt(3) == 0,
                random.nextInt(8) == 0,
                random.nextInt(4) == 0,
                random.nextBoolean());
    }

    static ObjectKey environment(String name) {
        return new ObjectKey(Resource.BUILD_ENVIRONMENT, NAMESPACE, name);
    }

    BuildEnvironmentClass buildClass() {
        return (BuildEnvironmentClass) Encoding.typed(
                Resource.BUILD_ENVIRONMENT_CLASS,
                Encoding.tree(Map.of(
                        "apiVersion",
                        Resource.BUILD_ENVIRONMENT_CLASS.apiVersion(),
                        "kind",
                        Resource.BUILD_ENVIRONMENT_CLASS.kind(),
                        "metadata",
                        Map.of("name", "standard", "annotations", Map.of("cleanroom.dev/is-default-class", "true")),
                        "spec",
                        Map.of(
                                "identity",
                                Map.of("allowed", Map.of("audiences", List.of("sts.example.com"))),
                                "response",
                                Map.of("order", order.name(), "rebuild", rebuild.name()),
                                "rebuildLimit",
                                Map.of("incidents", 2, "window", "5m")))));
    }

    /** @param edition each another image */
    Map<String, Object> spec(String environment, int edition, int count) {
        OnExit onExit = environment.equals("agents") ? OnExit.Replace : OnExit.Complete;
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put(
                "image",
                "registry.example.com/builders/maven@sha256:"
                        + Integer.toHexString(edition % 16).repeat(64));
        spec.put("command", List.of("build"));
        spec.put("onExit", onExit.name());
        spec.put("replicas", onExit == OnExit.Replace ? count : 1);
        spec.put("retries", onExit == OnExit.Replace ? 0 : count);
        spec.put("maxLifetime", "4h");
        spec.put("ttlAfterFinished", "1m");
        spec.put("afterFinished", onExit == OnExit.Complete && taskExpires ? "Delete" : "Keep");
        if (phases) {
            spec.put(
                    "prepare",
                    List.of(Map.of("name", "fetch", "image", spec.get("image"), "command", List.of("fetch"))));
        }
        if (edition % 3 != 0) {
            spec.put("egress", egress(phases && edition % 3 == 1));
        }
        if (identity) {
            Map<String, Object> tokens = new LinkedHashMap<>(Map.of("audiences", List.of("sts.example.com")));
            if (phases && environment.equals("task")) {
                tokens.put("phases", List.of("Prepare"));
            }
            spec.put("identity", tokens);
        }
        if (claim) {
            spec.put("workspace", Map.of("size", "1Gi"));
        }
        return spec;
    }

    private static List<Map<String, Object>> egress(boolean inPhases) {
        Map<String, Object> mirror = Map.of("name", "mirror", "cidr", "10.1.0.0/16", "ports", List.of(443));
        return inPhases
                ? List.of(
                        mirror,
                        Map.of(
                                "name",
                                "registry",
                                "cidr",
                                FETCHED_FROM,
                                "ports",
                                List.of(443),
                                "phases",
                                List.of("Prepare")))
                : List.of(mirror);
    }

    BuildEnvironment build(String environment, int edition, int count) {
        ObjectNode json = Encoding.tree(Map.of(
                "apiVersion",
                Resource.BUILD_ENVIRONMENT.apiVersion(),
                "kind",
                Resource.BUILD_ENVIRONMENT.kind(),
                "metadata",
                Map.of("name", environment, "namespace", NAMESPACE),
                "spec",
                spec(environment, edition, count)));
        return (BuildEnvironment) Encoding.typed(Resource.BUILD_ENVIRONMENT, json);
    }
}
