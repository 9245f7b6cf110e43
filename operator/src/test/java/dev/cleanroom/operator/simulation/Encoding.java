package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Objects to JSON and back, by the product's own serialization. */
final class Encoding {
    private static final KubernetesSerialization PRODUCT = product();

    private Encoding() {}

    private static KubernetesSerialization product() {
        try (KubernetesClient client = Clients.forWriting(new ConfigBuilder(Config.empty())
                .withMasterUrl("http://localhost:1")
                .build())) {
            return client.getKubernetesSerialization();
        }
    }

    static ObjectNode tree(Object value) {
        return PRODUCT.convertValue(value, ObjectNode.class);
    }

    static JsonNode node(Object value) {
        return PRODUCT.convertValue(value, JsonNode.class);
    }

    /** As stored on creation: of a pod's spec, most of its bytes, only what an actor of the model reads. */
    static ObjectNode created(HasMetadata object) {
        if (!(object instanceof Pod pod)) {
            return tree(object);
        }
        ObjectNode slim = JsonNodeFactory.instance.objectNode();
        slim.put("apiVersion", "v1").put("kind", "Pod").set("metadata", tree(pod.getMetadata()));
        ObjectNode spec = slim.putObject("spec");
        if (pod.getSpec() != null && pod.getSpec().getVolumes() != null) {
            spec.put("claim", pod.getSpec().getVolumes().stream().anyMatch(it -> it.getEphemeral() != null));
        }
        if (pod.getSpec() != null && !pod.getSpec().getInitContainers().isEmpty()) {
            Container first = pod.getSpec().getInitContainers().getFirst();
            spec.put("gate", first.getName().equals("gate") ? first.getArgs().getLast() : "");
            spec.put("prepares", pod.getSpec().getInitContainers().size() > 1);
            spec.put(
                    "closed",
                    pod.getSpec().getContainers().getFirst().getCommand().contains("--closed"));
        }
        return slim;
    }

    static HasMetadata typed(Resource resource, JsonNode json) {
        return PRODUCT.convertValue(json, type(resource));
    }

    private static Class<? extends HasMetadata> type(Resource resource) {
        return switch (resource) {
            case POD -> Pod.class;
            case SERVICE_ACCOUNT -> ServiceAccount.class;
            case CONFIG_MAP -> ConfigMap.class;
            case EVENT -> Event.class;
            case NETWORK_POLICY -> NetworkPolicy.class;
            case BUILD_ENVIRONMENT -> BuildEnvironment.class;
            case BUILD_ENVIRONMENT_CLASS -> BuildEnvironmentClass.class;
            case BUILD_INCIDENT -> BuildIncident.class;
            case BUILD_RECORD -> BuildRecord.class;
            case DISRUPTION_BUDGET -> PodDisruptionBudget.class;
            case CLAIM -> PersistentVolumeClaim.class;
            case VOLUME -> PersistentVolume.class;
            case TRUST_POLICY -> TrustPolicy.class;
            case SECRET,
                    LIMIT_RANGE,
                    VOLUME_SNAPSHOT,
                    VOLUME_SNAPSHOT_CONTENT,
                    VOLUME_SNAPSHOT_CLASS,
                    VALIDATING_POLICY,
                    VALIDATING_POLICY_BINDING,
                    MUTATING_POLICY,
                    MUTATING_POLICY_BINDING -> GenericKubernetesResource.class;
        };
    }
}
