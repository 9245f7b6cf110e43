package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** Shows whether the API server uses a webhook or an admission policy yet: it takes a moment to notice a new one. */
public final class AdmissionProbe {
    private AdmissionProbe() {}

    /** What the API server answers to the creation of a ConfigMap, which is a dry run; empty if it accepts. */
    public static String refusal(KubernetesClient admin, String namespace) {
        try {
            admin.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withName("probe")
                            .endMetadata()
                            .build())
                    .dryRun(true)
                    .create();
            return "";
        } catch (KubernetesClientException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
