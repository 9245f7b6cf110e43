package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.BuildPod.SlotAttempt;
import dev.cleanroom.operator.pod.PodState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import java.util.Set;

/** One stored version of one object. Never changed; read as the product reads it, trimmed alike, and only once. */
final class Version {
    private final ObjectKey key;
    private final ObjectNode json;
    private final long revision;
    private HasMetadata typed;

    Version(ObjectKey key, ObjectNode json, long revision) {
        this.key = key;
        this.json = json;
        this.revision = revision;
    }

    ObjectKey key() {
        return key;
    }

    long revision() {
        return revision;
    }

    /** To change and store as the next version. */
    ObjectNode copy() {
        return json.deepCopy();
    }

    JsonNode at(String pointer) {
        return json.at(pointer);
    }

    HasMetadata typed() {
        if (typed == null) {
            typed = Encoding.typed(key.resource(), json);
        }
        return typed;
    }

    <T extends HasMetadata> T as(Class<T> type) {
        return type.cast(typed());
    }

    String uid() {
        return at("/metadata/uid").asText();
    }

    String name() {
        return key.name();
    }

    boolean isTerminating() {
        return at("/metadata").has("deletionTimestamp");
    }

    boolean hasFinalizers() {
        return !at("/metadata/finalizers").isEmpty();
    }

    String label(String key) {
        return at("/metadata/labels").path(key).asText("");
    }

    String annotation(String key) {
        return at("/metadata/annotations").path(key).asText("");
    }

    /** Whether it had owners, and every one is gone. */
    boolean isOrphan(Set<String> uids) {
        JsonNode owners = at("/metadata/ownerReferences");
        for (JsonNode owner : owners) {
            if (uids.contains(owner.path("uid").asText())) {
                return false;
            }
        }
        return !owners.isEmpty();
    }

    String controllerUid() {
        for (JsonNode owner : at("/metadata/ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return owner.path("uid").asText();
            }
        }
        return "";
    }

    /** Whether a label makes it a build pod: the model has no other pods. */
    boolean isBuildPod() {
        return at("/metadata/labels").has(CleanroomApi.ENVIRONMENT_LABEL);
    }

    /** Whether it has phases: its launcher waits until the network of the prepare steps is closed. */
    boolean isClosedForItsBuild() {
        return at("/spec/closed").asBoolean();
    }

    /** The slot and attempt in the name of a build pod. */
    Optional<SlotAttempt> slot() {
        return BuildPod.slotOf(label(CleanroomApi.ENVIRONMENT_LABEL), name());
    }

    PodState state() {
        String label = label(CleanroomApi.STATE_LABEL);
        for (PodState state : PodState.values()) {
            if (state.label().equals(label)) {
                return state;
            }
        }
        return PodState.QUARANTINED;
    }

    String phase() {
        return at("/status/phase").asText("Pending");
    }

    boolean hasEnded() {
        return phase().equals("Succeeded") || phase().equals("Failed");
    }

    @Override
    public String toString() {
        return key + "@" + revision;
    }
}
