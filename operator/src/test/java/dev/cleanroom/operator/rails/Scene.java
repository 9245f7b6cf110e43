package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.Requested;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/**
 * A namespace open for builds, and its users: a tenant (an account with the default role {@code edit}), an
 * administrator who may do everything except {@code resolve}, and the operator with its own roles. Controllers and
 * kubelets have every right here, so that only admission can refuse their requests.
 */
final class Scene {
    static final String TENANT = "tenant";
    static final String ADMINISTRATOR = "platform-admin";

    private static final String INCIDENTS = "cleanroom.dev/v1alpha1";

    private final Lab lab;
    private final String namespace;
    private final KubernetesClient tenant;
    private final KubernetesClient administrator;
    private final KubernetesClient operator;

    private Scene(Lab lab, String namespace) {
        this.lab = lab;
        this.namespace = namespace;
        lab.cluster().apply(RIGHTS.formatted(namespace));
        this.tenant = lab.as(Actor.serviceAccount(namespace, TENANT));
        this.administrator = lab.as(Actor.user(ADMINISTRATOR));
        this.operator = lab.asOperator();
    }

    static Scene open(Lab lab) {
        return new Scene(lab, lab.namespace(Map.of(CleanroomApi.BUILDS_LABEL, CleanroomApi.BUILDS_ENABLED)));
    }

    /** The same users in a namespace that is not open for builds. */
    static Scene notForBuilds(Lab lab) {
        return new Scene(lab, lab.namespace(Map.of()));
    }

    String namespace() {
        return namespace;
    }

    KubernetesClient tenant() {
        return tenant;
    }

    KubernetesClient administrator() {
        return administrator;
    }

    KubernetesClient operator() {
        return operator;
    }

    /** A client that admission takes for the operator, with rights that the operator's roles do not give. */
    KubernetesClient unbounded() {
        return as(Actor.operatorUnbounded());
    }

    KubernetesClient as(Actor actor) {
        return lab.as(actor);
    }

    Actor tenantWithEveryRight() {
        return Actor.serviceAccount(namespace, TENANT).unbounded();
    }

    /** Creates an active pod as the operator does. It never runs, because it has a scheduling gate. */
    Pod buildPod(String name) {
        return buildPod(name, Map.of());
    }

    Pod buildPod(String name, Map<String, String> annotations) {
        return operator.resource(requested(gated(name, annotations))).create();
    }

    /** Creates a pod with phases, as the operator does. */
    Pod preparingPod(String name, Map<String, String> annotations) {
        return operator.resource(requested(preparing(gated(name, annotations)))).create();
    }

    static Pod preparing(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .addToLabels(CleanroomApi.STATE_LABEL, CleanroomApi.STATE_PREPARING)
                .endMetadata()
                .build();
    }

    /** A build pod that a simulated node runs. */
    Pod runningBuildPod(String name) {
        return running(gated(name, Map.of()));
    }

    /** The pod without its scheduling gate, run by a simulated node. */
    Pod running(Pod pod) {
        Pod made = operator.resource(requested(new PodBuilder(pod)
                        .editSpec()
                        .withSchedulingGates()
                        .endSpec()
                        .build()))
                .create();
        Environments.until(
                "the pod to run",
                () -> assertThat(operator.resource(made).get().getStatus().getPhase())
                        .isEqualTo("Running"));
        return made;
    }

    /** The pod with all that the operator says of what it requests. */
    Pod requested(Pod pod) {
        return Requested.of(lab.admin(), pod);
    }

    /** What makes a pod a build pod for the rails, before it is stored. */
    Pod gated(String name, Map<String, String> annotations) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .addToLabels(CleanroomApi.ENVIRONMENT_LABEL, "payments")
                .addToLabels(CleanroomApi.STATE_LABEL, CleanroomApi.STATE_ACTIVE)
                .addToAnnotations(CleanroomApi.IMAGES_ANNOTATION, Manifests.IMAGE)
                .addToAnnotations(annotations)
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                .addNewSchedulingGate("cleanroom.dev/never-scheduled")
                .withContainers(new ContainerBuilder()
                        .withName("build")
                        .withImage(Manifests.IMAGE)
                        .withNewResources()
                        .addToRequests("cpu", new Quantity("10m"))
                        .addToLimits("cpu", new Quantity("20m"))
                        .endResources()
                        .build())
                .endSpec()
                .build();
    }

    /** A pod that has nothing to do with Cleanroom. */
    Pod plainPod(String name) {
        return new PodBuilder(gated(name, Map.of()))
                .editMetadata()
                .withLabels(Map.of("app", "web"))
                .withAnnotations(Map.of())
                .endMetadata()
                .build();
    }

    /** Merges JSON into a pod, as {@code kubectl patch --type=merge} does. */
    Pod patch(KubernetesClient by, String pod, String json) {
        return by.pods().inNamespace(namespace).withName(pod).patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    /** Merges JSON into a subresource of a pod. */
    Pod patch(KubernetesClient by, String pod, String subresource, String json) {
        return by.pods()
                .inNamespace(namespace)
                .withName(pod)
                .subresource(subresource)
                .patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    Pod annotate(KubernetesClient by, String pod, String key, String value) {
        return patch(by, pod, "{\"metadata\":{\"annotations\":{\"" + key + "\":\"" + value + "\"}}}");
    }

    /** Moves a pod's state as the operator does. */
    Pod quarantined(String pod) {
        return patch(operator, pod, state("quarantined"));
    }

    static String state(String state) {
        return "{\"metadata\":{\"labels\":{\"cleanroom.dev/state\":\"" + state + "\"}}}";
    }

    /** Creates the incident of a pod, as the operator does. */
    GenericKubernetesResource incident(Pod pod) {
        return operator.resource(unstoredIncident(pod)).create();
    }

    GenericKubernetesResource unstoredIncident(Pod pod) {
        String uid = pod.getMetadata().getUid();
        return Serialization.unmarshal(
                """
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildIncident
                metadata: {name: %s-%s, namespace: %s}
                spec:
                  subject: {name: %s, uid: %s}
                  trigger: {source: Annotation, reason: odd egress}
                """.formatted(
                                pod.getMetadata().getName(),
                                uid.substring(0, 8),
                                namespace,
                                pod.getMetadata().getName(),
                                uid),
                GenericKubernetesResource.class);
    }

    /** Closes an incident in its status, as the operator does. */
    void close(HasMetadata incident) {
        status(incident, """
                {"status":{"conditions":[{"type":"Closed","status":"True","reason":"Resolved","message":"",
                "lastTransitionTime":"2026-01-01T00:00:00Z"}]}}""");
    }

    /** Records in the status that the incident's pod is gone. */
    void release(HasMetadata incident) {
        status(incident, """
                {"status":{"timeline":[{"step":"Released","time":"2026-01-01T00:00:00Z"}]}}""");
    }

    private void status(HasMetadata incident, String json) {
        unbounded()
                .genericKubernetesResources(INCIDENTS, "BuildIncident")
                .inNamespace(namespace)
                .withName(incident.getMetadata().getName())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private static final String RIGHTS = """
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: tenant, namespace: %1$s}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: tenant, namespace: %1$s}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
            subjects: [{kind: ServiceAccount, name: tenant, namespace: %1$s}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: everything-but-resolve}
            rules:
              - apiGroups: ["*"]
                resources: ["*"]
                verbs: [get, list, watch, create, update, patch, delete, deletecollection, impersonate, bind, escalate]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: everything-but-resolve}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: everything-but-resolve}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: platform-admin}]
            """;
}
