package dev.cleanroom.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Fault;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.OperatorProcess;
import dev.cleanroom.operator.lab.RecordingProxy;
import dev.cleanroom.operator.lab.Requests;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One operator and a Lease that another one holds, whose clock may be wrong. */
@LabTest
@Timeout(120)
class LeaseTest {
    private static final Duration TERM = Duration.ofSeconds(4);
    private static final Duration TWO_MONTHS = Duration.ofDays(60);

    private Lab lab;
    private Environments environments;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        environments = lab.environments(lab.namespace());
        lab.onClose(this::release);
    }

    @Test
    void aLeaderThatDiedIsFollowedHoweverFarItsClockWasAhead() {
        renew(TWO_MONTHS);
        OperatorProcess operator = start();
        environments.create(Manifests.task("payments", "standard"));
        environments.awaitCondition("payments", "Ready", "True", "Running");

        operator.signalTermination();
        assertThat(operator.awaitExit()).isZero();
        assertThat(holder()).as("an orderly stop releases the Lease").isEmpty();
    }

    @Test
    void aLeaderThatRenewsIsNotDeposedHoweverFarItsClockIsBehind() {
        renew(TWO_MONTHS.negated());
        OperatorProcess operator = start();
        environments.create(Manifests.task("payments", "standard"));
        ZonedDateTime end = ZonedDateTime.now(ZoneOffset.UTC).plus(TERM.multipliedBy(3));
        Environments.until("three terms of another's lead", () -> {
            renew(TWO_MONTHS.negated());
            assertThat(ZonedDateTime.now(ZoneOffset.UTC)).isAfter(end);
        });
        assertThat(holder()).isEqualTo("another");
        assertThat(environments.pods("payments")).as("a standby writes nothing").isEmpty();

        operator.signalTermination();
        assertThat(operator.awaitExit()).isZero();
        assertThat(environments.pods("payments")).as("nor when it stops").isEmpty();
        assertThat(holder()).isEqualTo("another");
    }

    @Test
    void aLeaseThatMayNotBeReadEndsTheStart() {
        RecordingProxy proxy = lab.proxy();
        proxy.answer(Requests.on("leases"), Integer.MAX_VALUE, Fault.Answer.forbidden());
        OperatorProcess operator = lab.launch(lab.kubeconfig(proxy), "--namespaces", environments.namespace());
        assertThat(operator.awaitExit()).isEqualTo(1);
        assertThat(operator.logLines())
                .anyMatch(line -> line.contains("The operator cannot start") && line.contains("user cannot do that"));
    }

    private OperatorProcess start() {
        List<String> flags = new ArrayList<>(List.of("--namespaces", environments.namespace()));
        flags.addAll(List.of("--lease-duration", TERM.toSeconds() + "s", "--renew-deadline", "3s"));
        flags.addAll(List.of("--retry-period", "1s"));
        return lab.operator(lab.operatorKubeconfig(), flags.toArray(String[]::new));
    }

    /** What another operator writes, by its own clock. */
    private void renew(Duration ahead) {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC).plus(ahead);
        lab.admin()
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withNamespace(LabCluster.OPERATOR_NAMESPACE)
                        .withName("cleanroom-operator")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("another")
                        .withLeaseDurationSeconds((int) TERM.toSeconds())
                        .withAcquireTime(now)
                        .withRenewTime(now)
                        .endSpec()
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    private String holder() {
        return lease().map(lease -> lease.getSpec().getHolderIdentity()).orElse("");
    }

    private void release() {
        lease().ifPresent(lease -> lab.admin().resource(lease).delete());
    }

    private Optional<Lease> lease() {
        return Optional.ofNullable(lab.admin()
                .leases()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName("cleanroom-operator")
                .get());
    }
}
