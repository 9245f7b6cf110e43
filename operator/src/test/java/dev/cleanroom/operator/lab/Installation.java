package dev.cleanroom.operator.lab;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Installs the rendered chart, rails included and no operator pod: in tests the operator is a process. */
final class Installation {
    private static final Duration IN_FORCE = Duration.ofSeconds(30);
    private static final String QUARANTINE = "quarantine.cleanroom.dev";
    private static final AtomicInteger SERIAL = new AtomicInteger();

    private final KubernetesClient admin;
    private final KubernetesClient operator;
    /** Another each time: the last one's namespace may still be going. */
    private final String probed = "cleanroom-rails-probe-" + SERIAL.incrementAndGet();

    Installation(KubernetesClient admin, KubernetesClient operator) {
        this.admin = admin;
        this.operator = operator;
    }

    void install() {
        namespace(LabCluster.OPERATOR_NAMESPACE, Map.of("pod-security.kubernetes.io/enforce", "restricted"));
        List<String> apis = new ArrayList<>(List.of(Chart.CLASSES));
        boolean mutating = servesMutatingPolicies();
        if (mutating) {
            apis.add(Chart.MUTATING_POLICIES);
        }
        apply(Chart.render(apis, "--set", "replicas=0", "--set", "tools.image=" + Manifests.TOOLS));
        awaitRails(mutating);
        awaitCanaries();
    }

    /** Without one no build pod is made, and the first test would wait for the second's. */
    private void awaitCanaries() {
        Environments.within(IN_FORCE, "the canaries to be ready")
                .until(() -> Objects.equals(
                        2,
                        admin.apps()
                                .deployments()
                                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                                .withName("cleanroom-canary")
                                .get()
                                .getStatus()
                                .getReadyReplicas()));
    }

    /** Takes the mutating policy away until it answers no more, as on an API server that does not serve its kind. */
    List<HasMetadata> withdrawMutatingQuarantine() {
        List<HasMetadata> removed = new ArrayList<>();
        for (String kind : List.of("MutatingAdmissionPolicyBinding", "MutatingAdmissionPolicy")) {
            var resource = admin.genericKubernetesResources("admissionregistration.k8s.io/v1", kind)
                    .withName(QUARANTINE);
            GenericKubernetesResource item = resource.get();
            resource.delete();
            item.getMetadata().setResourceVersion(null);
            item.getMetadata().setUid(null);
            item.getMetadata().setManagedFields(List.of());
            removed.addFirst(item);
        }
        probing(() -> {
            operator.resource(Requested.of(admin, buildPod())).create();
            Environments.within(IN_FORCE, "the mutating policy to be withdrawn").until(() -> !quarantines());
        });
        return removed;
    }

    void restore(List<HasMetadata> removed) {
        removed.forEach(item -> admin.resource(item).create());
        awaitRails(true);
    }

    /** Applies each document in order, and waits for definitions to be served before what comes after them. */
    void apply(String yaml) {
        List<CustomResourceDefinition> definitions = new ArrayList<>();
        for (HasMetadata item : read(yaml)) {
            if (!(item instanceof CustomResourceDefinition)) {
                definitions.forEach(this::awaitServed);
                definitions.clear();
            }
            admin.resource(item)
                    .fieldManager("cleanroom-tests")
                    .forceConflicts()
                    .serverSideApply();
            if (item instanceof CustomResourceDefinition definition) {
                definitions.add(definition);
            }
        }
        definitions.forEach(this::awaitServed);
    }

    private boolean servesMutatingPolicies() {
        var resources = admin.getApiResources("admissionregistration.k8s.io/v1");
        return resources != null
                && resources.getResources().stream()
                        .anyMatch(resource -> resource.getKind().equals("MutatingAdmissionPolicy"));
    }

    /** A stored binding is not in force yet, and nothing tells when it is: so tried until the answer is the rails'. */
    private void awaitRails(boolean mutating) {
        probing(() -> {
            // The last one stored, of those that refuse; the API server takes them in the order of their storing.
            Environments.within(IN_FORCE, "the validating rails to be in force").until(this::workspacesArePrivate);
            if (mutating) {
                operator.resource(Requested.of(admin, buildPod())).create();
                Environments.within(IN_FORCE, "the mutating rails to be in force")
                        .until(this::quarantines);
            }
        });
    }

    private void probing(Runnable probe) {
        namespace(probed, Map.of(CleanroomApi.BUILDS_LABEL, CleanroomApi.BUILDS_ENABLED));
        try {
            probe.run();
        } finally {
            operator.pods().inNamespace(probed).withName(probed).delete();
            Environments.within(IN_FORCE, "the rails to know the incidents that they ask for")
                    .until(this::deleted);
        }
    }

    private boolean deleted() {
        try {
            admin.namespaces().withName(probed).delete();
            return true;
        } catch (KubernetesClientException e) {
            if (!String.valueOf(e.getMessage()).contains("not yet synced")) {
                throw e;
            }
            return false;
        }
    }

    private boolean workspacesArePrivate() {
        Pod pod = new PodBuilder(buildPod())
                .editMetadata()
                .withLabels(Map.of())
                .endMetadata()
                .editSpec()
                .addNewVolume()
                .withName("w")
                .withNewPersistentVolumeClaim("a-cleanroom-workspace", true)
                .endVolume()
                .endSpec()
                .build();
        try {
            admin.resource(pod).dryRun().create();
            return false;
        } catch (KubernetesClientException e) {
            return String.valueOf(e.getMessage()).contains("workspaces-are-private");
        }
    }

    private boolean quarantines() {
        Pod answered = admin.pods()
                .inNamespace(probed)
                .withName(probed)
                .dryRun()
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"cleanroom.dev/quarantine\":\"probe\"}}}");
        return "quarantined".equals(answered.getMetadata().getLabels().get(CleanroomApi.STATE_LABEL));
    }

    private Pod buildPod() {
        return Manifests.neverScheduled(probed, probed, probed, CleanroomApi.STATE_ACTIVE);
    }

    private void namespace(String name, Map<String, String> labels) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .fieldManager("cleanroom-tests")
                .forceConflicts()
                .serverSideApply();
    }

    private List<HasMetadata> read(String yaml) {
        try (InputStream documents = new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))) {
            return admin.load(documents).items();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitServed(CustomResourceDefinition definition) {
        admin.resource(definition).waitUntilCondition(Installation::isEstablished, 30, TimeUnit.SECONDS);
    }

    private static boolean isEstablished(@Nullable CustomResourceDefinition definition) {
        // A definition that was just stored has a status without conditions.
        return definition != null
                && definition.getStatus() != null
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }
}
