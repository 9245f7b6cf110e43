package dev.cleanroom.operator.e2e;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.e2e.Life.Stage;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Manifests;
import java.util.List;
import java.util.Map;

/** The lives that the crash test goes through: together every kind of write that the operator makes for environments. */
final class Lives {
    private static final String LONG_ENOUGH_TO_COUNT_AS_A_RUN = "12s";

    private static final Map<String, String> QUARANTINE = Map.of("cleanroom.dev/quarantine", "odd egress");

    private Lives() {}

    /** Build agents: create, scale up, edit, finish and be replaced, scale down, delete. */
    static Life agent(String className) {
        return new Life(
                "agent",
                16,
                List.of(
                        new Stage("create", at -> at.create(agentManifest(className, "")), at -> {
                            assertRunsAlone(at, "agent", "agent-0-1");
                        }),
                        new Stage("scale up", at -> at.scale("agent", 2), at -> {
                            assertThat(at.podNames("agent")).containsExactly("agent-0-1", "agent-1-1");
                            assertThat(at.get("agent"))
                                    .hasCurrentCondition("Ready", "True", "Running")
                                    .hasReplicas(2, 2);
                        }),
                        new Stage("edit", at -> at.merge("agent", """
                                {"spec": {
                                  "env": [{"name": "POOL", "value": "second"}],
                                  "egress": [{"name": "store", "cidr": "10.20.0.0/16", "ports": [443, 8443]}]}}
                                """), at -> {
                            assertThat(at.podNames("agent")).containsExactly("agent-0-1", "agent-1-1");
                            assertThat(at.get("agent"))
                                    .hasCurrentCondition("Ready", "True", "Running")
                                    .hasReplicas(2, 2);
                        }),
                        new Stage("finish and be replaced", at -> exit(at, "agent-0-1", 0), at -> {
                            assertThat(at.podNames("agent")).containsExactly("agent-0-2", "agent-1-1");
                            assertThat(at.get("agent"))
                                    .hasCurrentCondition("Ready", "True", "Running")
                                    .hasReplicas(2, 2)
                                    .hasLastRun("agent-0-1", 0)
                                    .hasAttempts(2, 1);
                        }),
                        new Stage(
                                "scale down",
                                at -> at.scale("agent", 1),
                                at -> assertThat(at.get("agent")).hasCurrentCondition("Ready", "True", "Running")),
                        new Stage("finish and not be replaced", at -> exit(at, "agent-1-1", 0), at -> {
                            assertRunsAlone(at, "agent", "agent-0-2");
                        }),
                        delete("agent")));
    }

    /** A task with phases that fails once, is run again, succeeds, and is deleted. */
    static Life task(String className) {
        return new Life(
                "task",
                13,
                List.of(
                        new Stage("create", at -> at.create(taskManifest(className)), at -> {
                            assertRunsAlone(at, "task", "task-0-1");
                        }),
                        new Stage("fail and run again", at -> exit(at, "task-0-1", 3), at -> {
                            assertThat(at.podNames("task")).containsExactly("task-0-2");
                            assertThat(at.get("task"))
                                    .hasCurrentCondition("Ready", "True", "Running")
                                    .hasLastRun("task-0-1", 3)
                                    .hasAttempts(2);
                        }),
                        new Stage(
                                "succeed",
                                at -> exit(at, "task-0-2", 0),
                                at -> assertThat(at.get("task"))
                                        .hasCurrentCondition("Finished", "True", "Succeeded")
                                        .hasLastRun("task-0-2", 0)),
                        delete("task")));
    }

    /** A pod whose build never starts is replaced when the spec is edited. */
    static Life waiting(String neverStartingClass) {
        return new Life(
                "waiting",
                10,
                List.of(
                        new Stage("create", at -> at.create(Manifests.agent("waiting", neverStartingClass, 1)), at -> {
                            assertThat(at.podNames("waiting")).containsExactly("waiting-0-1");
                            assertThat(at.get("waiting")).hasReplicas(1, 0);
                        }),
                        new Stage(
                                "edit",
                                at -> at.merge("waiting", "{\"spec\": {\"image\": \"" + Manifests.OTHER_IMAGE + "\"}}"),
                                at -> {
                                    // No attempt ended, so the name is the same; nothing but the digest runs.
                                    assertThat(at.pods("waiting"))
                                            .singleElement()
                                            .satisfies(pod -> {
                                                assertThat(pod.getMetadata().getName())
                                                        .isEqualTo("waiting-0-1");
                                                assertThat(pod.getSpec()
                                                                .getContainers()
                                                                .getFirst()
                                                                .getImage())
                                                        .isEqualTo(Manifests.OTHER_IMAGE);
                                            });
                                    assertThat(at.get("waiting")).hasReplicas(1, 0);
                                }),
                        new Stage("scale to none", at -> at.scale("waiting", 0), at -> {
                            assertThat(at.podNames("waiting")).isEmpty();
                            assertThat(at.get("waiting")).hasReplicas(0, 0);
                        }),
                        delete("waiting")));
    }

    /** A pod under suspicion: cut off, replaced with its identity revoked, let go with the verdict. */
    static Life suspect(String className) {
        return new Life(
                "suspect",
                18,
                List.of(
                        new Stage("create", at -> at.create(agentManifest(className, "workspace: {size: 1Gi}")), at -> {
                            assertRunsAlone(at, "agent", "agent-0-1");
                        }),
                        new Stage("quarantine", at -> at.annotatePod("agent-0-1", QUARANTINE), at -> {
                            assertThat(at.podNames("agent")).containsExactly("agent-0-1", "agent-0-2");
                            assertThat(at.get("agent"))
                                    .hasCurrentCondition("Ready", "True", "Running")
                                    .hasCurrentCondition("Quarantined", "True", "UnderInvestigation")
                                    .hasReplicas(1, 1);
                            at.incidents().assertOnly("Rebuilt", "True", "Replaced");
                        }),
                        new Stage("delete", at -> at.delete("agent"), at -> {
                            assertThat(at.find("agent")).isEmpty();
                            assertThat(at.podNames("agent")).containsExactly("agent-0-1");
                        }),
                        new Stage("close", at -> at.incidents().resolveOnly("FalsePositive"), at -> {
                            assertThat(at.podNames("agent")).isEmpty();
                            at.incidents().assertOnly("Closed", "True", "FalsePositive");
                        })));
    }

    private static void assertRunsAlone(Environments at, String environment, String pod) {
        assertThat(at.podNames(environment)).containsExactly(pod);
        assertThat(at.get(environment))
                .hasCurrentCondition("Ready", "True", "Running")
                .hasReplicas(1, 1);
    }

    private static Stage delete(String name) {
        return new Stage("delete", at -> at.delete(name), at -> {
            assertThat(at.find(name)).isEmpty();
            assertThat(at.podNames(name)).isEmpty();
        });
    }

    /** The simulated node ends the build of a pod. */
    private static void exit(Environments at, String pod, int code) {
        at.annotatePod(
                pod,
                Map.of(
                        "lab.cleanroom.dev/exit-after",
                        LONG_ENOUGH_TO_COUNT_AS_A_RUN,
                        "lab.cleanroom.dev/exit-code",
                        Integer.toString(code)));
    }

    private static BuildEnvironment agentManifest(String className, String more) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: agent}
                spec:
                  className: %s
                  image: %s
                  command: ["/opt/agent/run", "--once"]
                  onExit: Replace
                  identity: {audiences: [sts.example.com]}
                  egress:
                  - {name: store, cidr: 10.20.0.0/16, ports: [443]}
                  %s
                """.formatted(className, Manifests.IMAGE, more));
    }

    private static BuildEnvironment taskManifest(String className) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: task}
                spec:
                  className: %1$s
                  image: %2$s
                  command: ["mvn", "verify"]
                  prepare: [{name: fetch, image: %2$s, command: [mvn, dependency:go-offline]}]
                  egress: [{name: mirror, cidr: 10.20.0.0/16, ports: [443], phases: [Prepare]}]
                  retries: 1
                """.formatted(className, Manifests.IMAGE));
    }
}
