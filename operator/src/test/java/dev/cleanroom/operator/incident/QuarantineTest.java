package dev.cleanroom.operator.incident;

import static dev.cleanroom.operator.incident.Suspects.QUARANTINE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.TriggerSource;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From the annotation to a clean pod in the place of the one under suspicion, on a real API server. */
@LabTest
class QuarantineTest extends WithSuspects {
    private static final int MOST_ANNOTATIONS = 256 * 1024;

    /** Less than a reason takes. */
    private static final int ROOM_LEFT = 10;

    @Test
    void oneAnnotationContainsAPodAndACleanOneTakesItsPlace() {
        environments.create(Manifests.agent("agents", "standard", 2));
        environments.awaitPods("agents", "agents-0-1", "agents-1-1");
        environments.awaitCondition("agents", "Ready", "True", "Running");

        environments.annotatePod("agents-0-1", Map.of(QUARANTINE, "odd egress"));

        Pod held = suspects.awaitState("agents-0-1", "quarantined");
        String name = "agents-0-1-" + held.getMetadata().getUid().substring(0, 8);
        incidents.awaitCondition(name, "Rebuilt", "True", "Replaced");
        BuildIncident incident = incidents.get(name);
        assertThat(incident.getSpec().subject().uid())
                .isEqualTo(held.getMetadata().getUid());
        assertThat(incident.getSpec().trigger().source()).isEqualTo(TriggerSource.Annotation);
        assertThat(incident.getSpec().trigger().reason()).isEqualTo("odd egress");
        incidents.awaitCondition(name, "Isolated", "True", "Quarantined");
        incidents.awaitCondition(name, "VolumesSnapshotted", "False", "NoClaim");
        incidents.awaitCondition(name, "Closed", "False", "Open");
        incidents.awaitCondition(name, "Ready", "True", "Contained");

        environments.awaitPods("agents", "agents-0-1", "agents-0-2", "agents-1-1");
        assertThat(environments.pod("agents-0-1").getMetadata().getOwnerReferences())
                .singleElement()
                .extracting(OwnerReference::getUid)
                .isEqualTo(incident.getMetadata().getUid());
        environments.await("agents", environment -> {
            assertThat(environment.getStatus().quarantinedReplicas()).isEqualTo(1);
            assertThat(environment.getStatus().replicas()).isEqualTo(2);
            assertThat(environment.getStatus().incidents()).containsExactly(name);
        });
        environments.awaitCondition("agents", "Quarantined", "True", "UnderInvestigation");

        incidents.resolve(name, "FalsePositive", "a new mirror");
        incidents.awaitCondition(name, "Closed", "True", "FalsePositive");
        environments.awaitPods("agents", "agents-0-2", "agents-1-1");
        incidents.await(
                name,
                closed -> assertThat(closed.getStatus().timeline())
                        .extracting(TimelineEntry::step)
                        .containsExactlyInAnyOrder("Opened", "Isolated", "Replaced", "Closed", "Released"));
        environments.awaitCondition("agents", "Quarantined", "False", "NothingHeld");
    }

    @Test
    void deletingTheEnvironmentTakesNoEvidenceAlong() {
        suspects.run(Manifests.agent("agents", "standard", 1));
        String name = suspects.quarantine("agents-0-1");
        incidents.awaitCondition(name, "Rebuilt", "True", "Replaced");

        environments.delete("agents");

        environments.awaitPods("agents", "agents-0-1");
        assertThat(environments.find("agents")).isEmpty();
        incidents.resolve(name, "FalsePositive", "it was none");
        environments.awaitPods("agents");
    }

    @Test
    void whatTheNodeEndsIsToldWithWhatIsLost() {
        suspects.run(Manifests.agent("agents", "standard", 1));
        String name = suspects.quarantine("agents-0-1");

        environments.annotatePod("agents-0-1", Map.of("lab.cleanroom.dev/pod-reason", "Evicted"));

        incidents.await(
                name,
                told -> assertThat(told.getStatus().timeline())
                        .isNotNull()
                        .filteredOn(entry -> entry.step().equals("EndedByNode"))
                        .singleElement()
                        .extracting(TimelineEntry::detail)
                        .asString()
                        .startsWith("the node ended the pod: Evicted; its processes, /tmp and home are lost, and"
                                + " its workspace, which was not a claim"));
    }

    @Test
    void anAnnotationOnTheEnvironmentIsAboutThePodsItHasThen() {
        suspects.run(Manifests.agent("agents", lab.buildClass(Map.of()), 2));

        environments.annotate("agents", Map.of(QUARANTINE, "first"));
        environments.awaitPods("agents", "agents-0-1", "agents-0-2", "agents-1-1", "agents-1-2");
        environments.awaitCondition("agents", "Ready", "True", "Running");
        assertThat(incidents.names()).hasSize(2);

        environments.annotate("agents", Map.of(QUARANTINE, "second"));
        environments.awaitPods(
                "agents", "agents-0-1", "agents-0-2", "agents-0-3", "agents-1-1", "agents-1-2", "agents-1-3");
        assertThat(incidents.names()).hasSize(4);
    }

    @Test
    void aStandbyContainsWhileTheLeaderStandsStill() {
        Suspects elected = Suspects.in(lab);
        String namespace = elected.environments().namespace();
        OperatorProcess leader = lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace);
        elected.run(Manifests.task("payments", "standard"));
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace);
        leader.pause();

        elected.environments().annotatePod("payments-0-1", Map.of(QUARANTINE, "odd egress"));
        elected.awaitState("payments-0-1", "quarantined");
    }

    /** The API server keeps 256 KiB of annotations: who fills them must not keep the reason, and so the state, out. */
    @Test
    void aPodWhoseAnnotationsAreFullIsCutOffAllTheSame() {
        suspects.run(Manifests.task("payments", "standard"));
        suspects.run(Manifests.task("reports", "standard"));
        for (String pod : List.of("payments-0-1", "reports-0-1")) {
            int used = environments.pod(pod).getMetadata().getAnnotations().entrySet().stream()
                    .mapToInt(
                            entry -> entry.getKey().length() + entry.getValue().length())
                    .sum();
            String key = "example.com/filler";
            environments.annotatePod(pod, Map.of(key, "x".repeat(MOST_ANNOTATIONS - used - key.length() - ROOM_LEFT)));
        }

        environments.annotate("payments", Map.of(QUARANTINE, "odd egress, and a long story"));
        incidents.create(environments.pod("reports-0-1"), "odd egress, and a long story");
        suspects.awaitState("payments-0-1", "quarantined");
        suspects.awaitState("reports-0-1", "quarantined");
        assertThat(environments.pod("payments-0-1").getMetadata().getAnnotations())
                .doesNotContainKey(QUARANTINE);
    }

    @Test
    void anIncidentMadeByHandIsARequest() {
        suspects.run(Manifests.task("payments", "standard"));
        String name = incidents.create(environments.pod("payments-0-1"), "seen in the proxy's log");

        environments.awaitPod("payments-0-1", pod -> {
            assertThat(pod.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined");
            assertThat(pod.getMetadata().getAnnotations()).containsEntry(QUARANTINE, "seen in the proxy's log");
        });
        incidents.awaitCondition(name, "Isolated", "True", "Quarantined");
        environments.awaitPods("payments", "payments-0-1", "payments-0-2");
        environments.await(
                "payments",
                environment -> assertThat(environment.getStatus().incidents()).containsExactly(name));
    }

    @Test
    void anIncidentAboutAPodThatIsNotOursTouchesNothing() {
        String elsewhere = lab.namespace(Map.of());
        for (String namespace : List.of(elsewhere, environments.namespace())) {
            lab.admin().resource(foreignPod(namespace)).create();
        }
        var here = lab.admin().pods().inNamespace(environments.namespace()).withName("db-0-1");
        var there = lab.admin().pods().inNamespace(elsewhere).withName("db-0-1");
        String name = incidents.create(here.get(), "made up");
        String far = incidents.create(there.get(), "made up");
        incidents.awaitCondition(name, "Isolated", "False", "PodGone");
        incidents.awaitCondition(far, "Isolated", "False", "PodGone");
        incidents.resolve(name, "Confirmed", "");
        incidents.resolve(far, "Confirmed", "");
        incidents.awaitCondition(name, "Closed", "True", "Confirmed");
        incidents.awaitCondition(far, "Closed", "True", "Confirmed");
        assertThat(List.of(name, far))
                .allSatisfy(made -> assertThat(incidents.get(made).getStatus().timeline())
                        .extracting(TimelineEntry::step)
                        .contains("NoImageDenied"));

        assertThat(List.of(here.get(), there.get())).allSatisfy(pod -> {
            assertThat(pod.getMetadata().getDeletionTimestamp()).isNull();
            assertThat(pod.getMetadata().getOwnerReferences()).isEmpty();
        });
    }

    private static Pod foreignPod(String namespace) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: db-0-1, namespace: %s}
                spec:
                  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
                  containers:
                    - name: db
                      image: registry.example.com/db:1
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                """.formatted(namespace), Pod.class);
    }

    @Test
    void aPodThatPreservesFirstIsHeldBeforeItIsCutOff() {
        suspects.run(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments}
                spec:
                  image: %s
                  command: [mvn, verify]
                  response: {order: PreserveFirst}
                """.formatted(Manifests.IMAGE)));
        environments.annotatePod("payments-0-1", Map.of(QUARANTINE, "odd egress"));
        suspects.awaitState("payments-0-1", "suspect");
        String name = incidents.awaitOf(environments.pod("payments-0-1"));
        incidents.awaitCondition(name, "Isolated", "False", "PreservingFirst");
        incidents.awaitCondition(name, "Isolated", "True", "Quarantined");
    }
}
