package dev.cleanroom.operator.incident.model;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.operator.environment.model.BuildPod;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;

/**
 * Everything a decision about one incident reads, asked of the API server and not of a cache: incidents are rare, and
 * what they decide must not rest on what was true a moment ago.
 *
 * @param pod the subject itself, by uid: a later pod of the name is none
 * @param volume its workspace claim; empty when it has none (any more)
 */
public record ObservedIncident(
        BuildIncident incident, Optional<Pod> pod, EnvironmentSide environment, Optional<Volume> volume) {

    /**
     * The environment that the pod is of.
     *
     * @param found empty when it is gone, or another one has the name
     * @param pods every pod that carries its label
     * @param accountUid of the account it has now
     */
    public record EnvironmentSide(
            String name,
            Optional<BuildEnvironment> found,
            Rebuild rebuild,
            List<BuildPod> pods,
            Optional<String> accountUid) {
        public EnvironmentSide {
            pods = List.copyOf(pods);
        }
    }

    public String namespaceOfPod() {
        String namespace = incident.getSpec().subject().namespace();
        return namespace == null ? incident.getMetadata().getNamespace() : namespace;
    }

    public String podName() {
        return incident.getSpec().subject().name();
    }

    /** Whether the incident lies beside its pod; where not, the pod's namespace is going and nothing can be made in it. */
    public boolean isBesidePod() {
        return namespaceOfPod().equals(incident.getMetadata().getNamespace());
    }
}
