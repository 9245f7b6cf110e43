package dev.cleanroom.operator.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.operator.lab.SnapshotApi;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a namespace holds, without what differs between two runs of the same life: uids, versions, times, nodes, the
 * namespace's own name. Two lives that ended alike have equal states.
 */
final class NamespaceState {
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT, SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private static final List<Class<? extends HasMetadata>> KINDS = List.of(
            BuildEnvironment.class,
            BuildIncident.class,
            Pod.class,
            NetworkPolicy.class,
            ServiceAccount.class,
            PersistentVolumeClaim.class,
            PodDisruptionBudget.class);

    private static final Set<String> DIFFERENT = Set.of(
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "managedFields",
            // The scheduler's choice, in a pod and in its claim.
            "nodeName",
            "volume.kubernetes.io/selected-node");

    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z";

    private static final String UID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    /** An incident's name: its pod's, and the beginning of that one's uid. */
    private static final String INCIDENT = "(-\\d+-\\d+)-[0-9a-f]{8}\\b";

    private NamespaceState() {}

    /** The objects by kind and name, each as normalized JSON. */
    static Map<String, String> of(KubernetesClient client, String namespace) {
        Map<String, String> state = new TreeMap<>();
        for (Class<? extends HasMetadata> kind : KINDS) {
            for (HasMetadata item :
                    client.resources(kind).inNamespace(namespace).list().getItems()) {
                String name = item.getMetadata().getName();
                if (!(item instanceof ServiceAccount && name.equals("default"))) {
                    state.put(
                            kind.getSimpleName() + "/" + name.replaceAll(INCIDENT, "$1-UID"),
                            normalized(item, namespace));
                }
            }
        }
        for (HasMetadata snapshot : SnapshotApi.in(client, namespace)) {
            state.put(
                    "VolumeSnapshot/" + snapshot.getMetadata().getName().replaceAll(INCIDENT, "$1-UID"),
                    normalized(snapshot, namespace));
        }
        return state;
    }

    private static String normalized(HasMetadata item, String namespace) {
        try {
            ObjectNode tree = (ObjectNode) JSON.readTree(Serialization.asJson(item));
            strip(tree);
            if (item instanceof Pod pod) {
                tree.put("status", pod.getStatus().getPhase());
            }
            if (item instanceof PodDisruptionBudget) {
                // How many pods the controller manager counted in its last look depends on when that was.
                tree.withObject("/status").remove(List.of("currentHealthy", "desiredHealthy", "expectedPods"));
            }
            if (item instanceof BuildIncident incident && incident.getStatus().timeline() != null) {
                // Steps that follow one another at once may be seen in one look or in two.
                tree.withObject("/status")
                        .put(
                                "timeline",
                                incident.getStatus().timeline().stream()
                                        .map(entry -> entry.step() + ": " + entry.detail())
                                        .sorted()
                                        .collect(Collectors.joining("\n")));
            }
            Object sorted = JSON.treeToValue(tree, Object.class);
            return JSON.writeValueAsString(sorted)
                    .replace(namespace, "NAMESPACE")
                    .replaceAll(UID, "UID")
                    .replaceAll(INCIDENT, "$1-UID")
                    .replaceAll(TIME, "TIME");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(DIFFERENT);
        }
        node.forEach(NamespaceState::strip);
    }
}
