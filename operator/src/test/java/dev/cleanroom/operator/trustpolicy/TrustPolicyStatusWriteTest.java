package dev.cleanroom.operator.trustpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import dev.cleanroom.operator.trust.policy.PolicyReader;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What a policy's status says of what it rejects, and that it is written only when that changes. */
class TrustPolicyStatusWriteTest {
    private static final OptionalInt UNKNOWN = OptionalInt.empty();
    private static final String DENYING = "deny: {digests: [\"sha256:" + "0".repeat(64) + "\"]}";
    private static final String BROKEN = "authorities: [{name: release, key: {pem: nonsense}}]\nimages: [\"**\"]";

    private TrustPolicy policy = Policies.named("builders", DENYING);

    private Optional<TrustPolicyStatus> written(OptionalInt rejected) {
        return written(rejected, UNKNOWN);
    }

    private Optional<TrustPolicyStatus> written(OptionalInt rejected, OptionalInt deniedPods) {
        Optional<TrustPolicyStatus> written = TrustPolicyStatusWrite.of(
                        policy,
                        PolicyReader.read(policy, ConfigMaps.NONE),
                        new TrustPolicyStatusWrite.Counts(rejected, deniedPods),
                        Instant.EPOCH)
                .map(write -> ((TrustPolicy) ((Write.ApplyStatus) write).fresh()).getStatus());
        written.ifPresent(policy::setStatus);
        return written;
    }

    private Integer rejected() {
        return policy.getStatus().rejectedEnvironments();
    }

    @Test
    void whatWasCountedIsToldOnce() {
        assertThat(written(UNKNOWN)).isPresent();
        assertThat(rejected()).isNull();
        assertThat(written(OptionalInt.of(3))).isPresent();
        assertThat(rejected()).isEqualTo(3);
        assertThat(written(OptionalInt.of(3))).isEmpty();
        assertThat(written(OptionalInt.of(0))).isPresent();
        assertThat(rejected()).isZero();
    }

    @Test
    void afterARestartItStaysUntilItIsCountedAgain() {
        written(OptionalInt.of(3));
        assertThat(written(UNKNOWN)).isEmpty();
    }

    @Test
    void whatAnotherGenerationRejectedIsNotTold() {
        written(OptionalInt.of(3));
        policy.getMetadata().setGeneration(2L);
        assertThat(written(UNKNOWN)).isPresent();
        assertThat(rejected()).isNull();
    }

    @Test
    void aPolicyThatCannotBeUsedHasNoNumber() {
        written(OptionalInt.of(3));
        TrustPolicyStatus before = policy.getStatus();
        policy = Policies.named("builders", BROKEN);
        policy.setStatus(before);
        assertThat(written(OptionalInt.of(3))).isPresent();
        assertThat(rejected()).isNull();
    }

    private Integer deniedPods(int counted) {
        written(UNKNOWN, OptionalInt.of(counted));
        return policy.getStatus().deniedPods();
    }

    @Test
    void theMostPodsThatRanWhatIsDeniedStayToldWhenFewerAreLeft() {
        assertThat(deniedPods(3)).isEqualTo(3);
        assertThat(deniedPods(11)).isEqualTo(11);
        assertThat(deniedPods(10)).isEqualTo(11);
        assertThat(written(UNKNOWN, OptionalInt.of(2))).isEmpty();
        assertThat(written(UNKNOWN, UNKNOWN)).as("after a restart").isEmpty();
    }

    @Test
    void anotherGenerationDeniesSomethingElse() {
        deniedPods(11);
        policy.getMetadata().setGeneration(2L);
        assertThat(deniedPods(2)).isEqualTo(2);
    }

    @Test
    void whatAPolicyDeniesIsCountedThoughItCannotBeUsed() {
        policy = Policies.named("builders", DENYING + "\n" + BROKEN);
        assertThat(deniedPods(11)).isEqualTo(11);
        assertThat(deniedPods(4)).isEqualTo(11);
    }

    @Test
    void aPolicyThatDeniesNoDigestHasNoNumberOfPods() {
        policy = Policies.named("builders", "deny: {signers: [{subject: alice@example.com}]}");
        assertThat(written(UNKNOWN, OptionalInt.of(0))).isPresent();
        assertThat(policy.getStatus().deniedPods()).isNull();
    }

    @Test
    void readyNamesAllThatIsRequiredOfAnImage() {
        String pem = PrivateSigstore.pem(
                "PUBLIC KEY", PrivateSigstore.ec("secp256r1").getPublic().getEncoded());
        String attestations = "attestations: [{name: sbom, predicateType: x}, {name: scan, predicateType: y}]";
        assertThat(ready(Policies.builders("registry.example.com", pem)))
                .isEqualTo("images that it matches run when 1 of its 1 authorities have signed them");
        assertThat(ready(Policies.builders("registry.example.com", pem, attestations)))
                .endsWith("1 of its 1 authorities have signed them and its 2 attestations are attached to them");
        assertThat(ready(Policies.builders("registry.example.com", pem, "threshold: 0", attestations)))
                .isEqualTo("images that it matches run when its 2 attestations are attached to them");
    }

    private String ready(TrustPolicy wanted) {
        policy = wanted;
        return written(UNKNOWN).orElseThrow().conditions().getFirst().getMessage();
    }
}
