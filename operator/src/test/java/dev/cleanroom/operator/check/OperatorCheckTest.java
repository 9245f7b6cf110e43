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
    private static final Read<Deployment> OUTSIDE = deployment(0, 0);

    private static Read<Deployment> deployment(int wanted, int available) {
        return Stored.found(Deployment.class, """
                spec: {replicas: %d}
                status: {availableReplicas: %d}
                """.formatted(wanted, available));
    }

    private static Read<Lease> lease(String holder, String renewed) {
        return Stored.found(Lease.class, """
                spec: {holderIdentity: "%s", leaseDurationSeconds: 15, renewTime: "%s"}
                """.formatted(holder, renewed));
    }

    private static Finding of(Read<Deployment> deployment, Read<Lease> lease) {
        return OperatorCheck.of(deployment, lease, NOW, TARGET);
    }

    @Test
    void anAvailableReplicaIsEnough() {
        assertThat(lines(of(deployment(2, 1), Stored.denied())))
                .containsExactly("ok    operator: replicas of its Deployment that are available: 1");
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T11:59:58.000000Z, OK",
        "2026-03-01T11:59:45.000000Z, OK",
        "2026-03-01T12:00:20.000000Z, OK",
        "2026-03-01T11:59:44.000000Z, MISSING"
    })
    void whereverItRunsTheLeaseDecides(String renewed, Finding.Level level) {
        assertThat(of(OUTSIDE, lease("a", renewed)).level()).isEqualTo(level);
        assertThat(of(new Read.Absent<>(), lease("a", renewed)).level()).isEqualTo(level);
    }

    @Test
    void aLeaseThatIsNotRenewedSaysSinceWhenAndByWhichClock() {
        assertThat(lines(of(OUTSIDE, lease("a", "2026-03-01T11:50:00.000000Z"))))
                .containsExactly(
                        "MISSING  operator: its Deployment wants no replica, and the Lease was renewed last at"
                                + " 2026-03-01T11:50Z, 600 s ago by this machine's clock; one that runs with"
                                + " --leader-elect=false holds no Lease and cannot be seen from here",
                        "    helm upgrade cleanroom helm/cleanroom -n cleanroom-system --reset-then-reuse-values --set"
                                + " replicas=2 --set image=registry.example.com/cleanroom/operator@sha256:...");
    }

    @Test
    void withoutADeploymentTheChartIsInstalledWithAnOperator() {
        assertThat(lines(of(new Read.Absent<>(), new Read.Absent<>())))
                .containsExactly(
                        "MISSING  operator: it has no Deployment, and there is no Lease, so none has led yet; one that"
                                + " runs with --leader-elect=false holds no Lease and cannot be seen from here",
                        "    helm install cleanroom helm/cleanroom -n cleanroom-system --create-namespace --set"
                                + " image=registry.example.com/cleanroom/operator@sha256:... --set"
                                + " tools.image=registry.example.com/cleanroom/tools@sha256:...");
    }

    @Test
    void aLeaseGivenBackIsNobodys() {
        assertThat(of(OUTSIDE, lease("", "2026-03-01T11:59:58.000000Z")).why()).contains("nobody holds the Lease");
        assertThat(of(OUTSIDE, Stored.found(Lease.class, "spec: {}")).level()).isEqualTo(Finding.Level.MISSING);
    }

    @Test
    void replicasThatDoNotStartAreLookedAtAsPods() {
        assertThat(lines(of(deployment(2, 0), new Read.Absent<>())))
                .containsExactly(
                        "MISSING  operator: none of its 2 replicas is available, and there is no Lease, so none has led"
                                + " yet; one that runs with --leader-elect=false holds no Lease and cannot be seen from"
                                + " here",
                        "    kubectl describe pods -n cleanroom-system -l"
                                + " app.kubernetes.io/name=cleanroom,app.kubernetes.io/component=operator");
    }

    @Test
    void whatMayNotBeSeenMayBeWhatRuns() {
        assertThat(lines(of(Stored.denied(), lease("a", "2026-03-01T11:50:00.000000Z"))))
                .singleElement()
                .asString()
                .startsWith("note  operator: not known whether it runs: you may not list things; the Lease was");
        assertThat(of(OUTSIDE, Stored.denied()).level()).isEqualTo(Finding.Level.NOTE);
        assertThat(of(Stored.denied(), lease("a", "2026-03-01T11:59:58.000000Z"))
                        .level())
                .isEqualTo(Finding.Level.OK);
    }
}
