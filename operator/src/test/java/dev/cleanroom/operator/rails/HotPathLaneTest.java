package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A quarantine has another priority level than the operator's other requests. The API server's answers name the level.
 */
@LabTest
class HotPathLaneTest {
    private static final String LANE = "X-Kubernetes-PF-FlowSchema-UID";

    @Test
    void aPatchOfAPodByTheOperatorHasALaneOfItsOwn(Lab lab) throws Exception {
        Scene scene = Scene.open(lab);
        scene.buildPod("payments-0-1");
        String lane = lab.admin()
                .flowControl()
                .v1()
                .flowSchema()
                .withName("cleanroom-containment")
                .get()
                .getMetadata()
                .getUid();
        String pod = "/api/v1/namespaces/" + scene.namespace() + "/pods/payments-0-1";
        Environments.until(
                "the lane to be open",
                () -> assertThat(lane(scene.operator(), "PATCH", pod)).isEqualTo(lane));
        assertThat(lane(scene.operator(), "GET", pod)).isNotEqualTo(lane);
        assertThat(lane(scene.tenant(), "PATCH", pod)).isNotEqualTo(lane);
    }

    private static String lane(KubernetesClient by, String method, String path) throws Exception {
        var http = by.getHttpClient();
        var request = http.newHttpRequestBuilder()
                .uri(URI.create(by.getMasterUrl().toString()).resolve(path).toString());
        return http.sendAsync(
                        (method.equals("GET") ? request : request.method(method, "application/merge-patch+json", "{}"))
                                .build(),
                        String.class)
                .get(30, TimeUnit.SECONDS)
                .header(LANE);
    }
}
