package dev.cleanroom.operator.incident;

import static dev.cleanroom.operator.incident.Suspects.QUARANTINE;

import dev.cleanroom.operator.lab.Incidents;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** In a namespace that is going nothing can be made any more: its incidents are in the operator's. */
@LabTest
class GoingNamespaceTest {
    @Test
    void anOperatorOfSomeNamespacesFollowsTheIncidentsInItsOwnToo(Lab lab) {
        Suspects suspects = Suspects.in(lab);
        String namespace = suspects.environments().namespace();
        OperatorProcess operator =
                lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace, "--leader-elect=false");
        suspects.run(Manifests.agent("agents", "standard", 1));
        // Or it would open the incident beside the pod, and nobody could delete the namespace.
        operator.pause();
        suspects.environments().annotatePod("agents-0-1", Map.of(QUARANTINE, "odd egress"));
        Pod held = suspects.awaitState("agents-0-1", "quarantined");
        lab.admin().namespaces().withName(namespace).delete();
        operator.resume();

        Incidents own = lab.environments(LabCluster.OPERATOR_NAMESPACE).incidents();
        String incident = own.awaitOf(held);
        lab.onClose(() -> own.delete(incident));
        own.awaitCondition(incident, "Isolated", "True", "Quarantined");
        own.awaitCondition(incident, "Closed", "False", "Open");
        own.resolve(incident, "FalsePositive", "");
        own.awaitCondition(incident, "Closed", "True", "FalsePositive");
        suspects.environments().awaitPods("agents");
    }
}
