package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;

/** The requests that enter a pod. */
record WaysIn(String namespace) {
    static final List<String> ALL =
            List.of("exec?command=sh&stdout=true", "attach?stdout=true", "portforward?ports=80", "proxy/");

    /** For a proxy, the API server also accepts NAME:PORT and SCHEME:NAME:PORT, and connects to the pod of that name. */
    static final List<String> OTHER_NAMES = List.of("%s:8080", "http:%s:8080", "https:%s:", ":%s:");

    void enter(KubernetesClient by, String pod, String way) {
        by.raw("/api/v1/namespaces/" + namespace + "/pods/" + pod + "/" + way, "POST", "");
    }

    /**
     * The pod has no node, and the API server says so to a request that passed admission. A rail would have refused
     * before.
     */
    void reach(KubernetesClient by, String pod, String way) {
        var answer = catchThrowableOfType(KubernetesClientException.class, () -> enter(by, pod, way));
        assertThat(answer).isNotNull();
        assertThat(answer.getCode()).as(answer.getMessage()).isNotEqualTo(403);
        assertThat(answer.getMessage()).doesNotContain("ValidatingAdmissionPolicy");
    }
}
