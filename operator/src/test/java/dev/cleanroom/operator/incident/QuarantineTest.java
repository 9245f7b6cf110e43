package dev.cleanroom.operator.incident;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.TriggerSource;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Incidents;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From the annotation to a clean pod in the place of the one under suspicion, on a real API server. */
@LabTest
class QuarantineTest {
    private static final String QUARANTINE = "cleanroom.dev/quarantine";

    private Lab lab;
    private Environments environments;
    private Incidents incidents;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        String namespace = lab.namespace();
        environments = lab.environments(namespace);
        incidents = new Incidents(lab.admin(), namespace);
    }

    @Test
    void oneAnnotationContainsAPodAndACleanOneTakesItsPlace() {
        operator();
        environments.create(Manifests.agent("agents", "standard", 2));
        environments.awaitPods("agents", "agents-0-1", "agents-1-1");
        environments.awaitCondition("agents", "Ready", "True", "Running");

        environments.annotatePod("agents-0-1", Map.of(QUARANTINE, "odd egress"));

        Pod held = environments.awaitPod(
                "agents-0-1",
                pod -> assertThat(pod.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined"));
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
                        .containsExactly("Opened", "Isolated", "Replaced", "Closed", "Released"));
        environments.awaitCondition("agents", "Quarantined", "False", "NothingHeld");
    }

    @Test
    void deletingTheEnvironmentTakesNoEvidenceAlong() {
        operator();
        environments.create(Manifests.agent("agents", "standard", 1));
        environments.awaitCondition("agents", "Ready", "True", "Running");
        environments.annotatePod("agents-0-1", Map.of(QUARANTINE, "odd egress"));
        String name = incidents.awaitOf(environments.pod("agents-0-1"));
        incidents.awaitCondition(name, "Rebuilt", "True", "Replaced");

        environments.delete("agents");

        environments.awaitPods("agents", "agents-0-1");
        assertThat(environments.find("agents")).isEmpty();
        incidents.resolve(name, "Confirmed", "it was one");
        environments.awaitPods("agents");
    }

    @Test
    void anAnnotationOnTheEnvironmentIsAboutThePodsItHasThen() {
        operator();
        environments.create(Manifests.agent("agents", lab.buildClass(Map.of()), 2));
        environments.awaitCondition("agents", "Ready", "True", "Running");

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
    void theIdentityOfASuspectDiesBeforeItsReplacementIsMade() {
        operator();
        environments.create(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: agents}
                spec:
                  className: %s
                  image: %s
                  command: ["/opt/agent/run", "--once"]
                  onExit: Replace
                  replicas: 2
                  identity: {audiences: [sts.example.com]}
                """.formatted(lab.buildClass(Map.of()), Manifests.IMAGE)));
        environments.awaitCondition("agents", "Ready", "True", "Running");
        String before = accountUid("agents");

        environments.annotatePod("agents-0-1", Map.of(QUARANTINE, "odd egress"));
        environments.awaitPods("agents", "agents-0-1", "agents-0-2", "agents-1-1");

        String after = accountUid("agents");
        assertThat(after).isNotEqualTo(before);
        assertThat(environments.pod("agents-0-2").getMetadata().getAnnotations())
                .containsEntry("cleanroom.dev/account-uid", after);
        String name = incidents.awaitOf(environments.pod("agents-0-1"));
        incidents.await(
                name,
                incident -> assertThat(incident.getStatus().timeline())
                        .isNotNull()
                        .filteredOn(entry -> entry.step().equals("IdentityRevoked"))
                        .singleElement()
                        .extracting(TimelineEntry::detail)
                        .asString()
                        .contains("agents-1-1"));
    }

    @Test
    void manualWaitsForTheVerdictAndNeverForAnEnvironmentMadeAnew() {
        operator();
        for (String rebuild : List.of("Manual", "Never")) {
            BuildEnvironment task = rebuilding(rebuild);
            String environment = environments.create(task).getMetadata().getName();
            environments.awaitCondition(environment, "Ready", "True", "Running");
            environments.annotatePod(environment + "-0-1", Map.of(QUARANTINE, "odd egress"));
        }
        String manual = incidents.awaitOf(environments.pod("manual-0-1"));
        String never = incidents.awaitOf(environments.pod("never-0-1"));
        environments.awaitCondition("manual", "Stalled", "True", "Quarantined");
        environments.awaitCondition("never", "Finished", "True", "Quarantined");
        incidents.awaitCondition(manual, "Rebuilt", "False", "WaitingForResolution");
        incidents.awaitCondition(never, "Rebuilt", "False", "Never");
        assertThat(environments.podNames("manual")).containsExactly("manual-0-1");

        incidents.resolve(manual, "FalsePositive", "");
        incidents.resolve(never, "FalsePositive", "");
        environments.awaitPods("manual", "manual-0-2");
        environments.awaitPods("never");
        environments.delete("never");
        Environments.until(
                "it to go", () -> assertThat(environments.find("never")).isEmpty());
        environments.create(rebuilding("Never"));
        environments.awaitPods("never", "never-0-1");
    }

    @Test
    void anAttackThatComesBackWithEachRebuildIsNotRebuiltForEver() {
        operator();
        environments.create(Manifests.agent("agents", "standard", 1));
        for (int attempt = 1; attempt <= 4; attempt++) {
            String pod = "agents-0-" + attempt;
            environments.awaitPod(
                    pod, it -> assertThat(it.getStatus().getPhase()).isEqualTo("Running"));
            environments.annotatePod(pod, Map.of(QUARANTINE, "again"));
        }
        environments.awaitCondition("agents", "Stalled", "True", "RebuildLimitReached");
        String last = incidents.awaitOf(environments.pod("agents-0-4"));
        incidents.awaitCondition(last, "Rebuilt", "False", "RebuildLimitReached");
        assertThat(environments.podNames("agents")).doesNotContain("agents-0-5");
    }

    @Test
    void aStandbyContainsWhileTheLeaderStandsStill() {
        OperatorProcess leader = lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace());
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Ready", "True", "Running");
        lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace());
        leader.pause();

        environments.annotatePod("payments-0-1", Map.of(QUARANTINE, "odd egress"));
        environments.awaitPod(
                "payments-0-1",
                pod -> assertThat(pod.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined"));
    }

    @Test
    void anIncidentMadeByHandIsARequest() {
        operator();
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Ready", "True", "Running");
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
        operator();
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
        operator();
        environments.create(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments}
                spec:
                  image: %s
                  command: [mvn, verify]
                  response: {order: PreserveFirst}
                """.formatted(Manifests.IMAGE)));
        environments.awaitCondition("payments", "Ready", "True", "Running");
        environments.annotatePod("payments-0-1", Map.of(QUARANTINE, "odd egress"));
        environments.awaitPod(
                "payments-0-1",
                pod -> assertThat(pod.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "suspect"));
        String name = incidents.awaitOf(environments.pod("payments-0-1"));
        incidents.awaitCondition(name, "Isolated", "False", "PreservingFirst");
        incidents.awaitCondition(name, "Isolated", "True", "Quarantined");
    }

    private static BuildEnvironment rebuilding(String rebuild) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                  image: %s
                  command: [mvn, verify]
                  response: {rebuild: %s}
                """.formatted(rebuild.toLowerCase(Locale.ROOT), Manifests.IMAGE, rebuild));
    }

    private void operator() {
        lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace(), "--leader-elect=false");
    }

    private String accountUid(String environment) {
        return lab.admin()
                .serviceAccounts()
                .inNamespace(environments.namespace())
                .withName("cleanroom-" + environment)
                .get()
                .getMetadata()
                .getUid();
    }
}
