package dev.cleanroom.operator.e2e;

import static dev.cleanroom.operator.lab.BuildEnvironmentAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Fault;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.RecordedRequest;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two operators and one Lease: the leader dies, or stands still while the other leads and then goes on. One pod a slot
 * once settled, and every task counted once.
 */
@LabTest
@Timeout(300)
class TwoReplicasTest {
    private static final List<String> LEASE =
            List.of("--lease-duration", "6s", "--renew-deadline", "4s", "--retry-period", "1s");
    /** As long as a virtual machine may stand still while it is moved. */
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private static final Duration TAKE_OVER = Duration.ofSeconds(90);

    /** Tasks that end while nobody leads. */
    private static final List<String> TASKS = List.of("t0", "t1", "t2", "t3", "t4");

    private Lab lab;
    private Environments environments;
    private PodHistory pods;
    private Predicate<RecordedRequest> ours;

    private record Replica(RecordingProxy proxy, OperatorProcess process) {}

    @BeforeEach
    void open(Lab given) {
        lab = given;
        environments = lab.environments(lab.namespace());
        ours = Requests.writesButEvents().and(Requests.in(environments.namespace()));
        pods = PodHistory.of(lab, environments.namespace());
    }

    @Test
    void theOtherTakesOverWhenTheLeaderIsKilled() {
        Replica leader = leader();
        Replica standby = replica();
        createAndRun();
        assertThat(standby.proxy().requests(ours)).as("writes of the standby").isEmpty();

        leader.process().kill9();
        endEveryBuild();

        assertSettled();
        assertThat(standby.proxy().requests(ours))
                .as("writes of the new leader")
                .isNotEmpty();
    }

    @Test
    void aLeaderThatStoodStillWhileTheOtherLedChangesNothing() {
        Replica leader = leader();
        Replica standby = replica();
        createAndRun();

        leader.process().pause();
        endEveryBuild();
        assertSettled();
        Environments.within(PAUSE.multipliedBy(2), "a minute of the other's lead")
                .during(PAUSE)
                .until(() -> standby.process().isAlive());
        int before = leader.proxy().requests(ours.and(Requests.accepted())).size();
        leader.process().resume();

        // It finds another holder of the Lease and ends; a Deployment starts it again as a standby.
        Environments.within(TAKE_OVER, "the former leader to end")
                .until(() -> !leader.process().isAlive());
        assertThat(leader.process().awaitExit()).isEqualTo(1);
        // Until it has looked at the Lease it may still try what its stale caches suggest: preconditions refuse that.
        assertThat(leader.proxy().requests(ours.and(Requests.accepted())))
                .as("writes accepted after it went on")
                .hasSize(before);
        assertSettled();
        assertThat(standby.process().isAlive()).isTrue();
    }

    @Test
    void aPodThatAFormerLeaderMadeTooLateIsDeletedAndNotCounted() {
        Replica former = leader();
        Fault.Hold hold = former.proxy()
                .hold(Requests.method("POST").and(Requests.on("pods")).and(ours));
        environments.create(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: late}
                spec:
                  image: %s
                  command: [mvn, verify]
                  retries: 2
                """.formatted(Manifests.IMAGE)));
        Environments.until(
                "the pod's creation to be held", () -> assertThat(hold.held()).isEqualTo(1));
        former.process().pause();
        replica();

        Environments.within(TAKE_OVER, "the other's pod")
                .untilAsserted(() -> assertThat(environments.podNames("late")).containsExactly("late-0-1"));
        exit("late-0-1", 1);
        Environments.within(TAKE_OVER, "the next attempt")
                .untilAsserted(() -> assertThat(environments.podNames("late")).containsExactly("late-0-2"));
        environments.awaitCondition("late", "Ready", "True", "Running");

        hold.release();
        Environments.until(
                "the late creation to succeed",
                () -> assertThat(former.proxy().requests(Requests.method("POST").and(Requests.on("pods"))))
                        .singleElement()
                        .extracting(RecordedRequest::status)
                        .isEqualTo(201));
        Environments.within(TAKE_OVER, "the late pod to go")
                .untilAsserted(() -> assertThat(environments.podNames("late")).containsExactly("late-0-2"));
        exit("late-0-2", 0);
        environments.awaitCondition("late", "Finished", "True", "Succeeded");

        assertThat(environments.get("late")).hasLastRun("late-0-2", 0);
        assertThat(environments.get("late").getStatus().slots().getFirst().attempt())
                .as("the late pod is not counted")
                .isLessThanOrEqualTo(3);
        assertThat(pods.made()).containsExactly("late-0-1", "late-0-2", "late-0-1");
    }

    private void createAndRun() {
        TASKS.forEach(name -> environments.create(Manifests.task(name, "standard")));
        environments.create(Manifests.agent("agent", "standard", 3));
        environments.create(fetching());
        TASKS.forEach(name -> environments.awaitCondition(name, "Ready", "True", "Running"));
        environments.awaitPods("fetching", "fetching-0-1");
        environments.awaitCondition("agent", "Ready", "True", "Running");
    }

    /** Its prepare steps end while nobody leads, and its build ends as soon as the next leader has started it. */
    private BuildEnvironment fetching() {
        String slow =
                lab.buildClass(Map.of("lab.cleanroom.dev/start-after", "20s", "lab.cleanroom.dev/exit-after", "1s"));
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: fetching}
                spec:
                  className: %1$s
                  image: %2$s
                  command: [mvn, verify]
                  prepare: [{name: fetch, image: %2$s, command: [mvn, "dependency:go-offline"]}]
                  egress: [{name: mirror, cidr: 10.20.0.0/16, ports: [443], phases: [Prepare]}]
                """.formatted(slow, Manifests.IMAGE));
    }

    private void endEveryBuild() {
        TASKS.forEach(name -> exit(name + "-0-1", 0));
        // Longer than the shortest run that counts as one: no back-off.
        environments.annotatePod("agent-1-1", Map.of("lab.cleanroom.dev/exit-after", "11s"));
    }

    private void assertSettled() {
        for (String name : TASKS) {
            Environments.within(TAKE_OVER, "task " + name)
                    .untilAsserted(() -> assertThat(environments.get(name))
                            .hasCondition("Finished", "True", "Succeeded")
                            .hasLastRun(name + "-0-1", 0));
        }
        Environments.within(TAKE_OVER, "the task with phases")
                .untilAsserted(() -> assertThat(environments.get("fetching"))
                        .hasCondition("Finished", "True", "Succeeded")
                        .hasLastRun("fetching-0-1", 0));
        Environments.within(TAKE_OVER, "the agents").untilAsserted(() -> {
            assertThat(environments.podNames("agent")).containsExactly("agent-0-1", "agent-1-2", "agent-2-1");
            assertThat(environments.get("agent"))
                    .hasCondition("Ready", "True", "Running")
                    .hasReplicas(3, 3)
                    .hasAttempts(1, 2, 1);
        });
        assertThat(pods.made())
                .as("every pod that was ever made")
                .containsExactlyInAnyOrder(
                        "t0-0-1",
                        "t1-0-1",
                        "t2-0-1",
                        "t3-0-1",
                        "t4-0-1",
                        "fetching-0-1",
                        "agent-0-1",
                        "agent-1-1",
                        "agent-1-2",
                        "agent-2-1");
    }

    private void exit(String pod, int code) {
        environments.annotatePod(
                pod,
                Map.of("lab.cleanroom.dev/exit-after", "0s", "lab.cleanroom.dev/exit-code", Integer.toString(code)));
    }

    /** The first replica, once it holds the Lease. */
    private Replica leader() {
        String before = holder();
        Replica replica = replica();
        Environments.within(TAKE_OVER, "the first to hold the Lease")
                .untilAsserted(() -> assertThat(holder()).isNotEmpty().isNotEqualTo(before));
        return replica;
    }

    private Replica replica() {
        RecordingProxy proxy = lab.proxy();
        List<String> flags = new ArrayList<>(LEASE);
        flags.addAll(List.of("--namespaces", environments.namespace()));
        return new Replica(proxy, lab.operator(lab.kubeconfig(proxy), flags.toArray(String[]::new)));
    }

    private String holder() {
        var lease = lab.admin()
                .leases()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName("cleanroom-operator")
                .get();
        return lease == null || lease.getSpec().getHolderIdentity() == null
                ? ""
                : lease.getSpec().getHolderIdentity();
    }
}
