package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.DeniedConnection;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.BuildRecordArtifact;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.Reading;
import dev.cleanroom.api.v1alpha1.BuildRecordInputs.StepChange;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Detail;
import dev.cleanroom.api.v1alpha1.BuildRecordObserved.Outcome;
import dev.cleanroom.api.v1alpha1.BuildRecordOutputs.ChangedInput;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records of runs on the real API server, with observers that simulated nodes play and whose logs these nodes serve. */
@LabTest
class RunRecordsTest {
    private static final String SAW = """
            [{"name":"cdn.example.com","step":"build","count":4,"first":"2026-01-01T00:00:00Z","last":"2026-01-01T00:00:09Z"},
             {"address":"192.0.2.1","port":443,"protocol":"TCP","step":"build","count":2,"first":"2026-01-01T00:00:01Z","last":"2026-01-01T00:00:08Z"}]
            """;

    private static final String READ = """
            [{"file":"package-lock.json","size":345,"sha256":"00112233445566778899","lockfile":"npm","dependencies":1},
             {"dependency":"esbuild","ecosystem":"npm","version":"0.25.1","integrity":"sha512-AA","installCode":true,"lockfile":"package-lock.json"},
             {"package":"node_modules/esbuild","ecosystem":"npm","name":"esbuild","version":"0.25.1","sha256":"00","installCode":"11","hooks":["postinstall"],"native":1},
             {"change":"fetch","added":4,"changed":0,"removed":0},
             {"inputs":"Complete","sha256":"ab","files":4,"bytes":345,"dependencies":1,"packages":1,"unread":0,"millis":2},
             {"output":"package-lock.json","change":"Changed"},
             {"outputs":"Complete","added":9,"changed":1,"removed":0,"millis":3},
             {"new":"target/app.jar","size":7,"type":"file","executable":false,"native":false},
             {"artifact":"target/app.jar","size":7,"sha256":"aa","format":"zip","entries":1,"content":"cc"},
             {"entry":"A.class","in":"target/app.jar","size":1,"sha256":"11","mode":"0644","type":"file"},
             {"artifacts":"Complete","count":1,"entries":1}]
            """;

    private Lab lab;
    private Environments environments;
    private RecordedTasks tasks;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        environments = lab.environments(lab.namespace());
        tasks = new RecordedTasks(lab, environments);
    }

    @Test
    void aFailedRunLeavesARecordOfWhatItWasDenied() {
        operator();
        environments.create(tasks.task(
                "payments", "source: {repository: 'https://git.example.com/payments.git', revision: 4f1c2d}"));
        tasks.end("payments", "payments-0-1", 3, Map.of("lab.cleanroom.dev/observed", SAW));

        BuildRecord record = tasks.record("payments", "payments-0-1");
        BuildRecordObserved observed = record.getObserved();
        assertThat(observed.observation().outcome()).isEqualTo(Outcome.Complete);
        assertThat(observed.exitCode()).isEqualTo(3);
        assertThat(observed.source().revision()).isEqualTo("4f1c2d");
        assertThat(observed.images()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(observed.startTime()).isNotNull();
        assertThat(observed.network().denied()).isEqualTo(2);
        assertThat(observed.network().refusedNames())
                .extracting(BuildRecordObserved.RefusedName::name)
                .containsExactly("cdn.example.com");
        assertThat(record.getMetadata().getOwnerReferences().getFirst().getUid())
                .isEqualTo(environments.get("payments").getMetadata().getUid());

        BuildEnvironment payments = environments.get("payments");
        assertThat(payments.getStatus().lastRun().message())
                .contains("exited with 3; the run asked for 1 name that nothing permits")
                .contains("cdn.example.com (4 times, in build)");
        assertThat(payments.getStatus().deniedConnections())
                .extracting(DeniedConnection::name, DeniedConnection::address)
                .hasSize(2);
        assertThat(tasks.events())
                .anyMatch(event -> "ConnectionDenied".equals(event.getReason())
                        && event.getMessage()
                                .contains("kubectl get record "
                                        + record.getMetadata().getName()));
    }

    @Test
    void aRunsRecordHasItsInputsAndTheNextNamesItsLists() {
        operator();
        environments.create(tasks.task(
                "payments",
                "prepare: [{name: fetch, image: %s, command: [fetch]}]\n  detection: {artifacts: [{path: target/*.jar}]}"
                        .formatted(Manifests.IMAGE)));
        tasks.end("payments", "payments-0-1", 0, Map.of("lab.cleanroom.dev/observed", READ));
        BuildRecord first = tasks.record("payments", "payments-0-1");
        assertThat(first.getObserved().observation().outcome()).isEqualTo(Outcome.Complete);
        assertThat(first.getObserved().inputs().outcome()).isEqualTo(Reading.Complete);
        assertThat(first.getObserved().inputs().changes()).containsExactly(new StepChange("fetch", 4, 0, 0));
        assertThat(first.getObserved().dependencies().count()).isEqualTo(1);
        assertThat(first.getObserved().dependencies().withInstallCode()).isEqualTo(1);
        assertThat(first.getObserved().detail().content()).isNotEmpty();
        assertThat(first.getObserved().outputs().changedInputs())
                .containsExactly(new ChangedInput("package-lock.json", "Changed"));
        assertThat(first.getObserved().outputs().newFiles()).hasSize(1);
        assertThat(first.getObserved().artifacts())
                .extracting(BuildRecordArtifact::path)
                .containsExactly("target/app.jar");
        assertThat(RecordArtifacts.of(first).gaps()).isEmpty();
        assertThat(RecordArtifacts.of(first).lists().entries()).hasSize(1);

        environments.annotate("payments", Map.of(CleanroomApi.RERUN_ANNOTATION, "again"));
        environments.awaitPods("payments", "payments-0-2");
        tasks.end("payments", "payments-0-2", 0, Map.of("lab.cleanroom.dev/observed", READ));
        BuildRecordObserved second = tasks.record("payments", "payments-0-2").getObserved();
        assertThat(second.detail())
                .isEqualTo(new Detail(
                        first.getObserved().detail().sha256(),
                        first.getMetadata().getName(),
                        null,
                        null));
        assertThat(second.dependencies()).isEqualTo(first.getObserved().dependencies());
    }

    @Test
    void aReportThatCannotBeTrustedIsUnobserved() {
        operator();
        Map<String, String> reasons = new LinkedHashMap<>(Map.of(
                "silent", ObservationReasons.NO_REPORT,
                "forged", ObservationReasons.REPORT_DIFFERS,
                "cut", ObservationReasons.REPORT_DIFFERS));
        reasons.forEach((how, reason) -> environments.create(tasks.task(how, "")));
        reasons.forEach((how, reason) -> {
            tasks.end(
                    how, how + "-0-1", 0, Map.of("lab.cleanroom.dev/observed", SAW, "lab.cleanroom.dev/observer", how));
            BuildRecordObserved observed = tasks.record(how, how + "-0-1").getObserved();
            assertThat(observed.observation().outcome()).as(how).isEqualTo(Outcome.Unobserved);
            assertThat(observed.observation().reason()).as(how).isEqualTo(reason);
            assertThat(observed.network()).as(how).isNull();
            assertThat(environments.get(how).getStatus().deniedConnections())
                    .as(how)
                    .isNull();
        });
    }

    @Test
    void whereLogsMayNotBeReadTheRecordHasTheCommand() {
        lab.admin()
                .rbac()
                .roleBindings()
                .inNamespace(environments.namespace())
                .withName(RunLogs.ROLE)
                .delete();
        operator();
        environments.create(tasks.task("payments", ""));
        tasks.end("payments", "payments-0-1", 0, Map.of());
        BuildRecordObserved observed = tasks.record("payments", "payments-0-1").getObserved();
        assertThat(observed.observation().reason()).isEqualTo(ObservationReasons.NOT_PERMITTED);
        assertThat(observed.observation().message())
                .contains("kubectl create rolebinding cleanroom-runs -n " + environments.namespace()
                        + " --clusterrole=cleanroom-runs");
    }

    @Test
    void theNewestTwoRecordsAreKept() {
        operator();
        environments.create(tasks.task("payments", ""));
        for (int run = 1; run <= 5; run++) {
            if (run > 1) {
                environments.annotate("payments", Map.of(CleanroomApi.RERUN_ANNOTATION, "run-" + run));
            }
            String pod = "payments-0-" + run;
            environments.awaitPods("payments", pod);
            tasks.end("payments", pod, 0, Map.of());
            Environments.until("the record of " + pod, () -> tasks.record("payments", pod));
        }
        Environments.until(
                "the older records to go",
                () -> assertThat(tasks.records("payments"))
                        .extracting(record -> record.getObserved().pod().name())
                        .containsExactlyInAnyOrder("payments-0-4", "payments-0-5"));
    }

    @Test
    void aRecordThatAQuotaRefusesIsReportedAndTheTaskFinishes() {
        lab.admin()
                .resource(new ResourceQuotaBuilder()
                        .withNewMetadata()
                        .withName("no-records")
                        .withNamespace(environments.namespace())
                        .endMetadata()
                        .withNewSpec()
                        .withHard(Map.of("count/buildrecords.cleanroom.dev", new Quantity("0")))
                        .endSpec()
                        .build())
                .create();
        Environments.until(
                "the quota to count",
                () -> assertThat(lab.admin()
                                .resourceQuotas()
                                .inNamespace(environments.namespace())
                                .withName("no-records")
                                .get()
                                .getStatus()
                                .getHard())
                        .isNotEmpty());
        operator();
        environments.create(tasks.task("payments", ""));
        tasks.end("payments", "payments-0-1", 0, Map.of());
        environments.awaitCondition("payments", "Finished", "True", "Succeeded");
        environments.awaitCondition("payments", "Stalled", "False", "NotStalled");
        assertThat(tasks.records("payments")).isEmpty();
        assertThat(tasks.events())
                .anyMatch(event -> "RecordRefused".equals(event.getReason())
                        && event.getMessage().contains("quota: no-records"));
    }

    @Test
    void withoutDetectionThePodIsAsBeforeAndLeavesNoRecord() {
        operator();
        environments.create(tasks.task("payments", "detection: {mode: 'Off'}"));
        environments.awaitCondition("payments", "Ready", "True", "Running");
        Pod pod = environments.pod("payments-0-1");
        assertThat(pod.getSpec().getInitContainers())
                .extracting(Container::getName)
                .containsExactly("gate");
        assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(10);
        assertThat(pod.getSpec().getSecurityContext().getSysctls()).isEmpty();
        tasks.end("payments", "payments-0-1", 0, Map.of());
        environments.awaitCondition("payments", "Finished", "True", "Succeeded");
        assertThat(tasks.records("payments")).isEmpty();
    }

    private void operator() {
        lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace(), "--leader-elect=false");
    }
}
