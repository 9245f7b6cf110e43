package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import java.time.Duration;

/**
 * A pod of the operator's account that is never scheduled. Tokens bound to it carry what a pod's own token carries, by
 * which the guard rails know the operator; they end with the pod.
 */
final class BoundPod implements AutoCloseable {
    private static final long TOKEN_SECONDS = Duration.ofHours(4).toSeconds();

    private final KubernetesClient admin;
    private final Pod pod;

    private BoundPod(KubernetesClient admin, Pod pod) {
        this.admin = admin;
        this.pod = pod;
    }

    static BoundPod create(KubernetesClient admin, String name) {
        Pod wanted = new PodBuilder()
                .withNewMetadata()
                .withNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(LabCluster.OPERATOR_ACCOUNT)
                .withAutomountServiceAccountToken(false)
                .addNewSchedulingGate("cleanroom.dev/never-scheduled")
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName("none")
                .withImage("registry.example.com/none")
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();
        return new BoundPod(admin, admin.resource(wanted).createOr(NonDeletingOperation::update));
    }

    String token(String... audiences) {
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(audiences)
                .withExpirationSeconds(TOKEN_SECONDS)
                .withNewBoundObjectRef(
                        "v1",
                        "Pod",
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid())
                .endSpec()
                .build();
        return admin.serviceAccounts()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName(LabCluster.OPERATOR_ACCOUNT)
                .tokenRequest(request)
                .getStatus()
                .getToken();
    }

    @Override
    public void close() {
        admin.resource(pod).delete();
    }
}
