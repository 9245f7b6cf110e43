package dev.cleanroom.operator.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.Event;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tasks on simulated nodes, whose runs leave records. */
record RecordedTasks(Lab lab, Environments environments) {
    BuildEnvironment task(String name, String more) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                  className: %s
                  image: %s
                  command: [build]
                  %s
                """.formatted(name, lab.buildClass(Map.of()), Manifests.IMAGE, more));
    }

    /** Waits until the pod's build runs, and lets it exit. */
    void end(String environment, String pod, int code, Map<String, String> saw) {
        environments.awaitCondition(environment, "Ready", "True", "Running");
        Map<String, String> script = new LinkedHashMap<>(saw);
        script.put("lab.cleanroom.dev/exit-code", String.valueOf(code));
        script.put("lab.cleanroom.dev/exit-after", "0s");
        environments.annotatePod(pod, script);
        environments.await(
                environment,
                it -> assertThat(it.getStatus().lastRun())
                        .isNotNull()
                        .satisfies(run -> assertThat(run.pod()).isEqualTo(pod)));
    }

    BuildRecord record(String environment, String pod) {
        return records(environment).stream()
                .filter(record -> record.getObserved().pod().name().equals(pod))
                .reduce((one, two) -> {
                    throw new AssertionError("two records of " + pod);
                })
                .orElseThrow(() -> new AssertionError("no record of " + pod));
    }

    List<BuildRecord> records(String environment) {
        return lab.admin()
                .resources(BuildRecord.class)
                .inNamespace(environments.namespace())
                .withLabel(CleanroomApi.ENVIRONMENT_LABEL, environment)
                .list()
                .getItems();
    }

    List<Event> events() {
        return lab.admin()
                .v1()
                .events()
                .inNamespace(environments.namespace())
                .list()
                .getItems();
    }
}
