package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.Records;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.StatusFinding;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Finding;
import dev.cleanroom.api.v1alpha1.Verdict;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs on simulated nodes, each judged against the known-good one. */
@LabTest
class RunFindingsTest {
    private static final String READ = """
            [{"file":"package-lock.json","size":345,"sha256":"00112233445566778899","lockfile":"npm","dependencies":1},
             {"dependency":"esbuild","ecosystem":"npm","version":"0.25.1","integrity":"sha512-AA","installCode":true,"lockfile":"package-lock.json"},
             {"package":"node_modules/esbuild","ecosystem":"npm","name":"esbuild","version":"0.25.1","sha256":"00","installCode":"11","hooks":["postinstall"],"native":1},
             {"change":"fetch","added":4,"changed":0,"removed":0},
             {"inputs":"Complete","sha256":"ab","files":4,"bytes":345,"dependencies":1,"packages":1,"unread":0,"millis":2},
             {"output":"package-lock.json","change":"Changed"},
             {"outputs":"Complete","added":9,"changed":1,"removed":0,"millis":3}]
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
    void aPoisonedUpdateIsOpenAndLaterRunsAreStillComparedWithTheGoodOne() {
        lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace(), "--leader-elect=false");
        environments.create(tasks.task(
                "payments", "prepare: [{name: fetch, image: %s, command: [fetch]}]".formatted(Manifests.IMAGE)));
        tasks.end("payments", "payments-0-1", 0, Map.of("lab.cleanroom.dev/observed", READ));
        BuildRecord first = tasks.record("payments", "payments-0-1");
        String good = first.getMetadata().getName();
        assertThat(first.getVerdict()).isEqualTo(Verdict.Learning);
        assertThat(first.getMetadata().getLabels()).containsEntry(CleanroomApi.KNOWN_GOOD_LABEL, "true");
        assertThat(environments.get("payments").getStatus().records()).isEqualTo(new Records(good, good));

        String poisoned = READ.replace("sha512-AA", "sha512-BB");
        for (int run = 2; run <= 3; run++) {
            String pod = "payments-0-" + run;
            environments.annotate("payments", Map.of(CleanroomApi.RERUN_ANNOTATION, "run-" + run));
            environments.awaitPods("payments", pod);
            tasks.end("payments", pod, 0, Map.of("lab.cleanroom.dev/observed", poisoned));
            BuildRecord record = tasks.record("payments", pod);
            assertThat(record.getVerdict()).as(pod).isEqualTo(Verdict.Open);
            assertThat(record.getComparedWith()).as(pod).isEqualTo(good);
            assertThat(record.getNewDependencies()).as(pod).isZero();
            assertThat(record.getMetadata().getLabels()).as(pod).doesNotContainKey(CleanroomApi.KNOWN_GOOD_LABEL);
            Finding worst = record.getFindings().getFirst();
            assertThat(worst.key()).startsWith("SameVersionOtherContent:npm:esbuild@0.25.1:");
            assertThat(environments.get("payments").getStatus().findings())
                    .extracting(StatusFinding::key, StatusFinding::record)
                    .contains(tuple(worst.key(), record.getMetadata().getName()));
            assertThat(environments.get("payments").getStatus().records())
                    .isEqualTo(new Records(record.getMetadata().getName(), good));
            assertThat(tasks.events())
                    .anyMatch(event -> "FindingsOpen".equals(event.getReason())
                            && event.getMessage().contains(worst.key()));
        }
    }
}
