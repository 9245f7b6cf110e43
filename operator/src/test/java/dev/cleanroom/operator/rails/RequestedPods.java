package dev.cleanroom.operator.rails;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.EnvironmentVariable;
import dev.cleanroom.api.v1alpha1.FileSource;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import dev.cleanroom.operator.environment.resources.BuildPodSpec;
import dev.cleanroom.operator.environment.resources.Gate;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.trust.PinnedByDigest;
import dev.cleanroom.operator.trust.VerifiedImage;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Build pods as the operator requests them, with every field that an environment and a class can bring into a pod. */
final class RequestedPods {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String CLASS = """
            trustBundle: company-roots
            defaults: {tmpSize: 1500M}
            pod:
              nodeSelector: {example.com/pool: builds}
              tolerations: [{key: example.com/builds, operator: Exists, effect: NoSchedule}]
              hostUsers: true
              uid: 10002
              labels: {team: payments}
              annotations: {sidecar.istio.io/inject: 'false'}
            """;

    private static final String ENVIRONMENT = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: BuildEnvironment
            metadata: {name: payments, uid: 5f0c2a11-0000-0000-0000-000000000000}
            spec:
              image: maven:3.9
              command: [sh, -c, "printf 'a\\tb\\n' | tee \\"x y\\" \\\\ [\\"b, c\\"]"]
              args: ["", 'a, b', '"', 'ümlaut', '\\u0000\\u001b\\u007f', '\\u00a0\\u200b\\u2028', '日本', '\\U0001F680', '\\uE000', "a\\nb"]
              workspace: {size: 1.5Gi, storageClassName: standard}
              tmp: {size: 2048Mi}
              resources:
                limits: {cpu: 1.5, memory: 1e9, ephemeral-storage: 0.5Gi, example.com/signer: 1}
                requests: {cpu: 0.25, memory: 123456789}
              env:
                - {name: NODE, valueFrom: {fieldRef: metadata.name}}
                - {name: MESSAGE, value: "tab\\tand $(NODE)"}
              secrets: [{name: signing, mountPath: /etc/signing, items: [{key: a, path: b/a}]}]
              configs: [{name: settings, mountPath: /etc/settings}]
              imagePullSecrets: [{name: pull}]
              identity: {audiences: [registry.example.com]}
              egress:
                - name: repo
                  cidr: 203.0.113.7/32
                  ports: [443]
                  hostnames: [{name: repo.example.com, address: 203.0.113.7}]
              prepare:
                - {name: checkout, image: 'git:2', command: [git, clone], secrets: [{name: key, mountPath: /etc/key}]}
                - {name: fetch, image: 'maven:3.9', command: [mvn, 'dependency:go-offline']}
            """;

    private RequestedPods() {}

    /** The account of the pod exists when this returns. */
    static Pod full(Scene scene) {
        scene.operator()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(scene.namespace())
                        .withName("cleanroom-payments")
                        .addToLabels(CleanroomApi.ENVIRONMENT_LABEL, "payments")
                        .endMetadata()
                        .build())
                .create();
        return pod(environment(scene.namespace()), Serialization.unmarshal(CLASS, BuildEnvironmentClassSpec.class));
    }

    /** As many steps and mounts as the schema allows, and as many variables as then fit into an annotation. */
    static Pod largest(Scene scene) {
        full(scene);
        List<EnvironmentVariable> env = numbered(
                40, i -> new EnvironmentVariable("VARIABLE_" + i, "a value that is not very short " + i, null));
        List<FileSource> secrets = numbered(16, i -> new FileSource("secret-" + i, "/etc/secrets/" + i, null));
        List<FileSource> configs = numbered(16, i -> new FileSource("config-" + i, "/etc/configs/" + i, null));
        BuildEnvironment environment = environment(scene.namespace());
        ObjectNode spec = JSON.valueToTree(environment.getSpec());
        for (String field : List.of("secrets", "configs", "env")) {
            spec.set(
                    field,
                    JSON.valueToTree(Map.of("secrets", secrets, "configs", configs, "env", env)
                            .get(field)));
        }
        spec.set(
                "prepare",
                JSON.valueToTree(numbered(
                        16,
                        i -> new PrepareStep(
                                "step-" + i, "maven:3.9", List.of("mvn"), null, env, null, null, secrets, configs))));
        environment.setSpec(JSON.convertValue(spec, BuildEnvironmentSpec.class));
        return pod(environment, Serialization.unmarshal(CLASS, BuildEnvironmentClassSpec.class));
    }

    private static <T> List<T> numbered(int count, IntFunction<T> each) {
        return IntStream.range(0, count).mapToObj(each).toList();
    }

    static BuildEnvironment environment(String namespace) {
        BuildEnvironment environment = Serialization.unmarshal(ENVIRONMENT, BuildEnvironment.class);
        environment.getMetadata().setNamespace(namespace);
        return environment;
    }

    static Pod pod(BuildEnvironment environment, BuildEnvironmentClassSpec buildClass) {
        Map<String, VerifiedImage> images = new HashMap<>();
        images.put(environment.getSpec().image(), accepted());
        for (PrepareStep step : environment.getSpec().prepare()) {
            images.put(step.image(), accepted());
        }
        return BuildPodSpec.build(
                environment,
                buildClass,
                images,
                new BuildPodSpec.Place(0, 1, Optional.of("account-uid")),
                new Gate(accepted(), List.of("10.0.0.1", "fd00::1")));
    }

    private static VerifiedImage accepted() {
        return PinnedByDigest.verified(Manifests.IMAGE);
    }
}
