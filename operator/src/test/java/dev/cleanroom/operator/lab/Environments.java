package dev.cleanroom.operator.lab;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;

/** The environments of one namespace, and their pods: read live, changed as a user would, awaited with a deadline. */
public final class Environments {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final KubernetesClient client;
    private final String namespace;

    Environments(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    public String namespace() {
        return namespace;
    }

    public BuildEnvironment create(BuildEnvironment environment) {
        return client.resources(BuildEnvironment.class)
                .inNamespace(namespace)
                .resource(environment)
                .create();
    }

    /** Empty when there is none. */
    public Optional<BuildEnvironment> find(String name) {
        return Optional.ofNullable(resource(name).get());
    }

    public BuildEnvironment get(String name) {
        return find(name).orElseThrow(() -> new AssertionError("no environment " + namespace + "/" + name));
    }

    /** An environment's metadata and status, whatever its spec holds. */
    public BuildEnvironment withoutSpec(String name) {
        GenericKubernetesResource found = client.genericKubernetesResources(
                        CleanroomApi.GROUP + "/" + CleanroomApi.VERSION, "BuildEnvironment")
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (found == null) {
            throw new AssertionError("no environment " + namespace + "/" + name);
        }
        found.getAdditionalProperties().remove("spec");
        return Serialization.unmarshal(Serialization.asJson(found), BuildEnvironment.class);
    }

    /** Merges JSON into an environment, as {@code kubectl patch --type=merge} does. */
    public void merge(String name, String json) {
        client.genericKubernetesResources(CleanroomApi.GROUP + "/" + CleanroomApi.VERSION, "BuildEnvironment")
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    /** Scales as {@code kubectl scale} does, through the scale subresource. */
    public void scale(String name, int replicas) {
        resource(name).scale(replicas);
    }

    public void annotate(String name, Map<String, String> annotations) {
        merge(name, "{\"metadata\":{\"annotations\":" + Serialization.asJson(annotations) + "}}");
    }

    public Incidents incidents() {
        return new Incidents(client, namespace);
    }

    /** Asks for the deletion and does not wait. */
    public void delete(String name) {
        resource(name).delete();
    }

    /** Waits for a condition with exactly this status and reason; the failure shows the environment's status. */
    public void awaitCondition(String name, String type, String status, String reason) {
        await(name, environment -> assertThat(environment).hasCondition(type, status, reason));
    }

    /** Waits until the environment, which is given without its spec, passes the assertion. */
    public void await(String name, Consumer<BuildEnvironment> assertion) {
        until("environment " + name, () -> assertion.accept(withoutSpec(name)));
    }

    /** The pods that carry the environment's label, those that are going included, by name. */
    public List<Pod> pods(String name) {
        return client
                .pods()
                .inNamespace(namespace)
                .withLabel(CleanroomApi.ENVIRONMENT_LABEL, name)
                .list()
                .getItems()
                .stream()
                .sorted(Comparator.comparing(pod -> pod.getMetadata().getName()))
                .toList();
    }

    public List<String> podNames(String name) {
        return pods(name).stream().map(pod -> pod.getMetadata().getName()).toList();
    }

    /** Waits until the environment has exactly these pods. */
    public List<Pod> awaitPods(String name, String... podNames) {
        until(
                "pods of " + name,
                () -> org.assertj.core.api.Assertions.assertThat(podNames(name)).containsExactly(podNames));
        return pods(name);
    }

    /** Waits until a pod passes the assertion. */
    public Pod awaitPod(String podName, Consumer<Pod> assertion) {
        until("pod " + podName, () -> assertion.accept(pod(podName)));
        return pod(podName);
    }

    public Pod pod(String podName) {
        return Optional.ofNullable(
                        client.pods().inNamespace(namespace).withName(podName).get())
                .orElseThrow(() -> new AssertionError("no pod " + namespace + "/" + podName));
    }

    /** Tells the simulated node what happens to a pod, in the pod's own annotations. */
    public void annotatePod(String podName, Map<String, String> annotations) {
        client.pods()
                .inNamespace(namespace)
                .withName(podName)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        Serialization.asJson(Map.of("metadata", Map.of("annotations", annotations))));
    }

    /** Waits with this kit's deadline until the assertion passes. */
    public static void until(String what, ThrowingRunnable assertion) {
        within(DEADLINE, what).untilAsserted(assertion);
    }

    public static ConditionFactory within(Duration deadline, String what) {
        return Awaitility.await(what).atMost(deadline).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(100));
    }

    private Resource<BuildEnvironment> resource(String name) {
        return client.resources(BuildEnvironment.class).inNamespace(namespace).withName(name);
    }
}
