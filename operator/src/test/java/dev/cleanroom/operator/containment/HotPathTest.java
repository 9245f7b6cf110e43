package dev.cleanroom.operator.containment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Clients;
import dev.cleanroom.operator.kube.RestApi;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Fault;
import dev.cleanroom.operator.lab.Kubeconfig;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.RecordedRequest;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands in the way of the one PATCH holds it up, and no longer than it stands there. */
@LabTest
class HotPathTest {
    private static final Predicate<RecordedRequest> FLIPS =
            Requests.method("PATCH").and(Requests.on("pods"));
    private static final int REFUSALS = 6;

    /** As an API server answers for a ValidatingAdmissionPolicy that names no reason of its own. */
    private static final Fault.Answer REFUSED_BY_A_POLICY = new Fault.Answer(
            422, "Invalid", "induced: ValidatingAdmissionPolicy 'labels-are-ours' denied request: no such label", 0);

    private Lab lab;
    private Environments environments;
    private RecordingProxy proxy;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        environments = lab.environments(lab.namespace());
        proxy = lab.proxy();
    }

    @Test
    void aPolicyOfOthersIsToldAndTheFlipIsAskedForUntilItIsLifted() {
        OperatorProcess operator =
                lab.operator(lab.kubeconfig(proxy), "--leader-elect=false", "--namespaces", environments.namespace());
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Ready", "True", "Running");
        proxy.answer(FLIPS, REFUSALS, REFUSED_BY_A_POLICY);

        environments.annotate("payments", Map.of("cleanroom.dev/quarantine", "odd egress"));

        awaitQuarantined();
        assertThat(operator.logLines())
                .filteredOn(line -> line.contains("labels-are-ours"))
                .singleElement()
                .asString()
                .contains("refused to move", "to quarantined; retrying", "\"ERROR\"");
        assertThat(operator.get("/metrics").orElseThrow().body())
                .contains("cleanroom_containments_refused_total{code=\"422\",state=\"quarantined\"} " + REFUSALS / 2);
    }

    @Test
    void aFaultOfOursForgetsNoPod() {
        OperatorProcess operator = lab.operator(
                lab.operatorKubeconfig(), "--leader-elect=false", "--namespaces", environments.namespace());
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Ready", "True", "Running");
        operator.kill9();
        proxy.answer(FLIPS, 1, Fault.Answer.forbidden());
        var told = new AtomicInteger();

        try (KubernetesClient client = Clients.forContainment(Kubeconfig.read(lab.kubeconfig(proxy)));
                HotPath hotPath =
                        new HotPath(client, new RestApi(client), Set.of(environments.namespace()), (flip, answer) -> {
                            told.incrementAndGet();
                            if (!(answer instanceof Answer.Ok)) {
                                throw new IllegalStateException("induced");
                            }
                        })) {
            hotPath.start();
            environments.annotate("payments", Map.of("cleanroom.dev/quarantine", "odd egress"));
            awaitQuarantined();
        }
        assertThat(told).hasValue(2);
    }

    private void awaitQuarantined() {
        environments.awaitPod(
                "payments-0-1",
                pod -> assertThat(pod.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined"));
    }
}
