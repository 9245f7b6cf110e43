package dev.cleanroom.operator.incident;

import static dev.cleanroom.operator.incident.Suspects.QUARANTINE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What takes the place of a pod under suspicion, and when. */
@LabTest
class RebuildTest extends WithSuspects {
    @Test
    void manualWaitsForTheVerdictAndNeverForAnEnvironmentMadeAnew() {
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
    void anEditOfTheResponseBringsACleanPodToo() {
        suspects.run(rebuilding("Manual"));
        String incident = suspects.quarantine("manual-0-1");
        incidents.awaitCondition(incident, "Rebuilt", "False", "WaitingForResolution");
        environments.merge("manual", "{\"spec\":{\"response\":{\"rebuild\":\"Automatic\"}}}");
        incidents.awaitCondition(incident, "Rebuilt", "True", "Replaced");
        environments.awaitPods("manual", "manual-0-1", "manual-0-2");
    }

    @Test
    void anAttackThatComesBackWithEachRebuildIsNotRebuiltForEver() {
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

    /** I5: an answer that a registry gave before, and that would hold for minutes more, is no answer for a replacement. */
    @Test
    void whatReplacesASuspectIsVerifiedAfresh() {
        suspects.run(Manifests.agent("agents", "standard", 1));
        suspects.run(Manifests.agent("bystander", "standard", 1));
        lab.withdrawSignatures(
                "builders/maven", environments.get("agents").getStatus().image().digest());

        suspects.quarantine("agents-0-1");

        environments.awaitCondition("agents", "ImageVerified", "False", "SignatureMissing");
        environments.awaitCondition("agents", "Stalled", "True", "SignatureMissing");
        assertThat(environments.podNames("agents")).containsExactly("agents-0-1");

        // Nobody suspects the other, and its registry is not asked again for each pod.
        environments.scale("bystander", 2);
        environments.awaitPods("bystander", "bystander-0-1", "bystander-1-1");
    }

    @Test
    void theIdentityOfASuspectDiesBeforeItsReplacementIsMade() {
        suspects.run(agentsWithIdentity(2, "IsolateFirst"));
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

    /** It has its network for 10 s more: a token that is refused meanwhile would tell it to wipe what is preserved. */
    @Test
    void aPodThatPreservesFirstKeepsItsIdentityUntilItIsCutOff() {
        suspects.run(agentsWithIdentity(1, "PreserveFirst"));
        String before = accountUid("agents");

        String incident = suspects.quarantine("agents-0-1");
        environments.awaitCondition("agents", "Quarantined", "True", "UnderInvestigation");
        incidents.awaitCondition(incident, "Isolated", "False", "PreservingFirst");
        suspects.awaitState("agents-0-1", "suspect");
        assertThat(accountUid("agents")).isEqualTo(before);
        assertThat(environments.podNames("agents")).containsExactly("agents-0-1");

        incidents.awaitCondition(incident, "Isolated", "True", "Quarantined");
        environments.awaitPods("agents", "agents-0-1", "agents-0-2");
        assertThat(accountUid("agents")).isNotEqualTo(before);
        assertThat(environments.pod("agents-0-2").getMetadata().getAnnotations())
                .containsEntry("cleanroom.dev/account-uid", accountUid("agents"));
    }

    private BuildEnvironment agentsWithIdentity(int replicas, String order) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: agents}
                spec:
                  className: %s
                  image: %s
                  command: ["/opt/agent/run", "--once"]
                  onExit: Replace
                  replicas: %d
                  identity: {audiences: [sts.example.com]}
                  response: {order: %s}
                """.formatted(lab.buildClass(Map.of()), Manifests.IMAGE, replicas, order));
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
