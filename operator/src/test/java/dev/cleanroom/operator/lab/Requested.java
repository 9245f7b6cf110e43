package dev.cleanroom.operator.lab;

import dev.cleanroom.operator.environment.resources.RequestedPod;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;

/**
 * A build pod that a test made up, as the operator would request it: complete, and with the annotation that the guard rail
 * compares it with. The API server completes it, in a namespace without rails.
 */
public final class Requested {
    private Requested() {}

    public static Pod of(KubernetesClient admin, Pod pod) {
        Pod other = new PodBuilder(pod)
                .withNewMetadata()
                .withNamespace("default")
                .withName(pod.getMetadata().getName())
                .endMetadata()
                .editSpec()
                .withServiceAccountName(null)
                .endSpec()
                .build();
        Pod complete = admin.resource(other).dryRun(true).create();
        String account = pod.getSpec().getServiceAccountName();
        return RequestedPod.annotated(
                new PodBuilder(pod)
                        .withSpec(complete.getSpec())
                        .editSpec()
                        .withServiceAccount(null)
                        .withServiceAccountName(account == null ? "default" : account)
                        .endSpec()
                        .build(),
                null);
    }
}
