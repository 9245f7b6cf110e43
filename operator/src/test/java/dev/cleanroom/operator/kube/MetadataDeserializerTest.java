package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the hot path keeps of each pod of the cluster. */
class MetadataDeserializerTest {
    @Test
    void aPodKeepsWhatContainmentReads() {
        Pod pod = TolerantSerialization.ofMetadata().unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: payments-0-1
                  namespace: team
                  uid: uid-1
                  resourceVersion: "7"
                  labels: {cleanroom.dev/state: active, app: payments}
                  annotations: {cleanroom.dev/quarantine: why, cleanroom.dev/requested: "a long list", example.com/x: y}
                  ownerReferences: [{apiVersion: v1, kind: X, name: x, uid: x}]
                spec: {nodeName: node}
                status: {phase: Running}
                """, Pod.class);
        assertThat(pod.getMetadata().getName()).isEqualTo("payments-0-1");
        assertThat(pod.getMetadata().getNamespace()).isEqualTo("team");
        assertThat(pod.getMetadata().getUid()).isEqualTo("uid-1");
        assertThat(pod.getMetadata().getResourceVersion()).isEqualTo("7");
        assertThat(pod.getMetadata().getLabels()).isEqualTo(Map.of("cleanroom.dev/state", "active"));
        assertThat(pod.getMetadata().getAnnotations()).isEqualTo(Map.of("cleanroom.dev/quarantine", "why"));
        assertThat(pod.getMetadata().getOwnerReferences()).isEmpty();
        assertThat(pod.getSpec()).isNull();
        assertThat(pod.getStatus()).isNull();
    }
}
