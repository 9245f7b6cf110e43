package dev.cleanroom.operator.check;

import static dev.cleanroom.operator.check.Stored.TARGET;
import static dev.cleanroom.operator.check.Stored.lines;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorCheckTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final Lookup<Deployment> OUTSIDE = deployment(0, 0);

    private static Lookup<Deployment> deployment(int wanted, int available) {
        return Stored.found(Deployment.class, """
                spec: {replicas: %d}
                status: {availableReplicas: %d}
                """.formatted(wanted, available));
    }

    private static Lookup<Lease> lease(String holder, String renewed) {
        return Stored.found(Lease.class, """
                spec: {holderIdentity: "%s", leaseDurationSeconds: 15, renewTime: "%s"}
                """.formatted(holder, renewed));
    }

    private static Finding of(Lookup<Deployment> deployment, Lookup<Lease> lease) {
        return OperatorCheck.of(deployment, lease, NOW, TARGET);
    }

    @Test
    void anAvailableReplicaIsEnough() {
        assertThat(lines(of(deployment(2, 1), Stored.denied())))
                .containsExactly("ok    operator: available replicas of its Deployment: 1");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T11:59:58.000000Z, OK",
        "2026-03-01T11:59:45.000000Z, OK",
        "2026-03-01T12:00:15.000000Z, OK",
        "2026-03-01T12:00:16.000000Z, NOTE",
        "2026-04-30T12:00:00.000000Z, NOTE",
        "2026-03-01T11:59:44.000000Z, MISSING"
    })
    void whereverItRunsTheLeaseDecides(String renewed, Finding.Level level) {
        assertThat(of(OUTSIDE, lease("a", renewed)).level()).isEqualTo(level);
        assertThat(of(new Lookup.Absent<>(), lease("a", renewed)).level()).isEqualTo(level);
    }

    @Test
    void aLeaseThatIsNotRenewedSaysSinceWhenAndByWhichClock() {
        assertThat(lines(of(OUTSIDE, lease("a", "2026-03-01T11:50:00.000000Z"))))
                .containsExactly(
                        "MISSING  operator: its Deployment has spec.replicas 0, and its Lease was last renewed at"
                                + " 2026-03-01T11:50Z, 600 s ago by this machine's clock; an operator outside the cluster"
                                + " with --leader-elect=false has no Lease and cannot be detected",
                        "    helm upgrade cleanroom helm/cleanroom -n cleanroom-system --reset-then-reuse-values --set"
                                + " replicas=2 --set image=registry.example.com/cleanroom/operator@sha256:...");
    }

    @Test
    void aLeaseOfTheFutureSaysThatAClockIsWrongAndHowToSeeWhetherItIsRenewed() {
        assertThat(lines(of(OUTSIDE, lease("a", "2026-04-30T12:00:00.000000Z"))))
                .containsExactly(
                        "note  operator: it is not known whether it runs, because a renewed its Lease at 2026-04-30T12:00Z,"
                                + " 5184000 s in the future by this machine's clock, so one of the two clocks is wrong; a"
                                + " leader that runs renews it again within 15 s",
                        "    kubectl get lease cleanroom-operator -n cleanroom-system -o"
                                + " jsonpath='{.spec.renewTime}{\"\\n\"}' --watch");
    }

    @Test
    void withoutADeploymentTheChartIsInstalledWithAnOperator() {
        assertThat(lines(of(new Lookup.Absent<>(), new Lookup.Absent<>())))
                .containsExactly(
                        "MISSING  operator: its Deployment does not exist, and its Lease does not exist, so no operator has"
                                + " been the leader yet; an operator outside the cluster with --leader-elect=false has no"
                                + " Lease and cannot be detected",
                        "    helm install cleanroom helm/cleanroom -n cleanroom-system --create-namespace --set"
                                + " image=registry.example.com/cleanroom/operator@sha256:... --set"
                                + " tools.image=registry.example.com/cleanroom/tools@sha256:...");
    }

    @Test
    void aLeaseGivenBackIsNobodys() {
        assertThat(of(OUTSIDE, lease("", "2026-03-01T11:59:58.000000Z")).why()).contains("no process holds its Lease");
        assertThat(of(OUTSIDE, Stored.found(Lease.class, "spec: {}")).level()).isEqualTo(Finding.Level.MISSING);
    }

    @Test
    void replicasThatDoNotStartAreLookedAtAsPods() {
        assertThat(lines(of(deployment(2, 0), new Lookup.Absent<>())))
                .containsExactly(
                        "MISSING  operator: none of its 2 replicas is available, and its Lease does not exist, so no operator"
                                + " has been the leader yet; an operator outside the cluster with --leader-elect=false has"
                                + " no Lease and cannot be detected",
                        "    kubectl describe pods -n cleanroom-system -l"
                                + " app.kubernetes.io/name=cleanroom,app.kubernetes.io/component=operator");
    }

    @Test
    void whatMayNotBeSeenMayBeWhatRuns() {
        assertThat(lines(of(Stored.denied(), lease("a", "2026-03-01T11:50:00.000000Z"))))
                .singleElement()
                .asString()
                .startsWith(
                        "note  operator: it is not known whether it runs, because you may not list things; its Lease was");
        assertThat(of(OUTSIDE, Stored.denied()).level()).isEqualTo(Finding.Level.NOTE);
        assertThat(of(Stored.denied(), lease("a", "2026-03-01T11:59:58.000000Z"))
                        .level())
                .isEqualTo(Finding.Level.OK);
    }
}
