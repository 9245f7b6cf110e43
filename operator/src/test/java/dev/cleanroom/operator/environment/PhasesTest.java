package dev.cleanroom.operator.environment;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus.SlotStatus;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.autoscaling.v1.Scale;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pods with phases on the real API server: who starts their build and when, with the launcher played by simulated nodes. */
@LabTest
class PhasesTest {
    private static final String GAVE_UP =
            "{\"outcome\":\"PreparationStillRuns\",\"detail\":\"processes still run: 9 (sh)\"}";

    private Lab lab;
    private Environments environments;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        environments = lab.environments(lab.namespace());
    }

    @Test
    void theBuildStartsUnderThePolicyOfTheBuildAlone() {
        operator();
        environments.create(withPhases(lab.buildClass(Map.of()), ""));
        environments.awaitCondition("payments", "Ready", "True", "Running");

        assertThat(state("payments-0-1")).isEqualTo("active");
        assertThat(environments
                        .pod("payments-0-1")
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getCommand())
                .startsWith("/etc/cleanroom/tools/cleanroom-tools", "launch", "--observed=/workspace", "--closed")
                .endsWith("--", "mvn", "verify");
        assertThat(policies())
                .extracting(policy -> policy.getMetadata().getName())
                .contains("cleanroom-payments", "cleanroom-payments.prepare");
        assertThat(environments.get("payments"))
                .hasReplicas(1, 1)
                .hasCurrentCondition("NetworkEnforced", "True", "Enforced");
        String selector = lab.admin()
                .resources(BuildEnvironment.class)
                .inNamespace(environments.namespace())
                .withName("payments")
                .scale((Scale) null)
                .getStatus()
                .getSelector();
        assertThat(selector).isEqualTo("cleanroom.dev/environment=payments,cleanroom.dev/state in (preparing,active)");
        assertThat(lab.admin()
                        .pods()
                        .inNamespace(environments.namespace())
                        .withLabelSelector(selector)
                        .list()
                        .getItems())
                .hasSize(1);
    }

    @Test
    void whileNoOperatorRunsThePodWaitsAndThenItsBuildStarts() {
        prepareAndKillTheOperator("");
        environments.awaitPod("payments-0-1", PhasesTest::assertLauncherRuns);
        assertThat(state("payments-0-1")).isEqualTo("preparing");

        operator();
        environments.awaitCondition("payments", "Ready", "True", "Running");
        assertThat(environments.podNames("payments")).containsExactly("payments-0-1");
        assertThat(state("payments-0-1")).isEqualTo("active");
    }

    /** A suspect would keep its network, and so its build would start. */
    @Test
    void aPreparingPodThatIsQuarantinedNeverStartsItsBuild() {
        Set<String> states = states();
        prepareAndKillTheOperator("response: {order: PreserveFirst, rebuild: Never}");
        environments.awaitPod("payments-0-1", PhasesTest::assertLauncherRuns);
        environments.annotatePod("payments-0-1", Map.of("cleanroom.dev/quarantine", "odd egress"));
        assertThat(state("payments-0-1")).isEqualTo("quarantined");

        operator();
        environments.awaitCondition("payments", "Quarantined", "True", "UnderInvestigation");
        environments.awaitCondition("payments", "Finished", "True", "Quarantined");
        assertThat(states).as("its build never began").containsExactly("preparing", "quarantined");
    }

    /** Without the policy that turns the annotation into the state, the operator finds both waiting for it. */
    @Test
    void aRequestOnTheEnvironmentComesBeforeTheBuild() {
        Set<String> states = states();
        prepareAndKillTheOperator("response: {rebuild: Never}");
        environments.annotate("payments", Map.of("cleanroom.dev/quarantine", "odd egress"));
        environments.awaitPod("payments-0-1", PhasesTest::assertLauncherRuns);

        operator();
        environments.awaitPod(
                "payments-0-1",
                pod -> assertThat(pod.getMetadata().getLabels()).containsEntry("cleanroom.dev/state", "quarantined"));
        assertThat(states).as("its build never began").containsExactly("preparing", "quarantined");
    }

    @Test
    void aLauncherThatGivesUpCostsNoRetry() {
        operator();
        String stuck = lab.buildClass(Map.of("lab.cleanroom.dev/start-after", "5s"));
        environments.create(withPhases(stuck, ""));
        environments.awaitPods("payments", "payments-0-1");
        environments.annotatePod("payments-0-1", Map.of("lab.cleanroom.dev/give-up", GAVE_UP));

        awaitSlot(slot -> {
            assertThat(slot.attempt()).isEqualTo(2);
            assertThat(slot.failures()).isZero();
            assertThat(slot.uncounted()).isEqualTo(1);
            assertThat(slot.message())
                    .contains("the launcher did not start the build")
                    .contains("PreparationStillRuns")
                    .contains("does not count against spec.retries");
        });
    }

    @Test
    void anEndLikeALaunchersSaysHowOftenItIsBelieved() {
        operator();
        String forging = lab.buildClass(Map.of(
                "lab.cleanroom.dev/exit-after", "1s",
                "lab.cleanroom.dev/exit-code", "125",
                "lab.cleanroom.dev/message.build", GAVE_UP));
        environments.create(withPhases(forging, ""));
        awaitSlot(slot -> {
            assertThat(slot.uncounted()).isEqualTo(1);
            assertThat(slot.message()).contains("up to 3 times in a row");
        });
    }

    private void awaitSlot(Consumer<SlotStatus> assertion) {
        environments.await(
                "payments",
                environment -> assertThat(environment.getStatus().slots())
                        .singleElement()
                        .satisfies(assertion));
    }

    /** While its prepare steps still run. */
    private void prepareAndKillTheOperator(String more) {
        OperatorProcess first = operator();
        environments.create(withPhases(lab.buildClass(Map.of("lab.cleanroom.dev/start-after", "5s")), more));
        environments.awaitPods("payments", "payments-0-1");
        first.kill9();
    }

    private OperatorProcess operator() {
        return lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace(), "--leader-elect=false");
    }

    private static void assertLauncherRuns(Pod pod) {
        assertThat(pod.getStatus().getContainerStatuses()).anySatisfy(build -> {
            assertThat(build.getName()).isEqualTo("build");
            assertThat(build.getState().getRunning()).isNotNull();
        });
    }

    /** Every state that a pod of the namespace has from now on, each once, in the order in which they are seen first. */
    private Set<String> states() {
        Set<String> states = Collections.synchronizedSet(new LinkedHashSet<>());
        var informer = lab.admin().pods().inNamespace(environments.namespace()).inform(new ResourceEventHandler<Pod>() {
            @Override
            public void onAdd(Pod pod) {
                states.add(pod.getMetadata().getLabels().get("cleanroom.dev/state"));
            }

            @Override
            public void onUpdate(Pod before, Pod after) {
                onAdd(after);
            }

            @Override
            public void onDelete(Pod pod, boolean unknown) {
                onAdd(pod);
            }
        });
        lab.onClose(informer::close);
        return states;
    }

    private String state(String pod) {
        return environments.pod(pod).getMetadata().getLabels().get("cleanroom.dev/state");
    }

    private List<NetworkPolicy> policies() {
        return lab.admin()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(environments.namespace())
                .list()
                .getItems();
    }

    private static BuildEnvironment withPhases(String className, String more) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments}
                spec:
                  className: %1$s
                  image: %2$s
                  command: [mvn, verify]
                  prepare: [{name: fetch, image: %2$s, command: [mvn, "dependency:go-offline"]}]
                  egress:
                  - {name: mirror, cidr: 10.20.0.0/16, ports: [443], phases: [Prepare]}
                  - {name: results, cidr: 10.21.0.7/32, ports: [443], phases: [Build]}
                  %3$s
                """.formatted(className, Manifests.IMAGE, more));
    }
}
