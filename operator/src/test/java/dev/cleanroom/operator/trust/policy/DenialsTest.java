package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.DeniedSigner;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Deny;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.sigstore.VerificationResult.Signer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DenialsTest {
    private static final String HEX = "ab".repeat(32);
    private static final Signer KEY = new Signer.Key(HEX);
    private static final Signer ALICE = new Signer.CertificateIdentity("https://a.example.com", "alice@example.com");

    private static TrustPolicy policy(String name, Deny deny) {
        TrustPolicy policy = Policies.named(name, "{}");
        policy.setSpec(new TrustPolicySpec(null, null, null, null, null, deny));
        return policy;
    }

    private static Denials of(String name, Deny deny) {
        return Denials.of(policy(name, deny));
    }

    private static Denials signers(DeniedSigner... signers) {
        return of("denied", new Deny(null, List.of(signers)));
    }

    @Test
    void anAdministratorsWordIsAboutOneGeneration() {
        String digest = "sha256:" + HEX;
        TrustPolicy policy = policy("denied", new Deny(List.of(digest), null));
        assertThat(Denials.of(policy).digests().get(digest).enforced()).isFalse();
        policy.getMetadata().setAnnotations(Map.of("cleanroom.dev/enforce", "1"));
        assertThat(Denials.of(policy).digests().get(digest).enforced()).isTrue();
        policy.getMetadata().setGeneration(2L);
        assertThat(Denials.of(policy).digests().get(digest).enforced()).isFalse();
    }

    @Test
    void aKeyByItsFingerprint() {
        Denials denials = signers(new DeniedSigner("sha256:" + HEX, null, null));
        assertThat(denials.denies(KEY)).isTrue();
        assertThat(denials.denies(new Signer.Key("cd".repeat(32)))).isFalse();
        assertThat(denials.denies(ALICE)).isFalse();
    }

    @Test
    void aSubjectOfAnyIssuer() {
        Denials denials = signers(new DeniedSigner(null, "alice@example.com", null));
        assertThat(denials.denies(ALICE)).isTrue();
        assertThat(denials.denies(new Signer.CertificateIdentity("https://b.example.com", "alice@example.com")))
                .isTrue();
        assertThat(denials.denies(
                        new Signer.CertificateIdentity("https://a.example.com", "alice@example.com.evil.example.net")))
                .isFalse();
        assertThat(denials.denies(KEY)).isFalse();
    }

    @Test
    void aSubjectOfOneIssuer() {
        Denials denials = signers(new DeniedSigner(null, "alice@example.com", "https://a.example.com"));
        assertThat(denials.denies(ALICE)).isTrue();
        assertThat(denials.denies(new Signer.CertificateIdentity("https://b.example.com", "alice@example.com")))
                .isFalse();
    }

    @Test
    void whatNamesNobodyDeniesNobody() {
        Denials denials = signers(new DeniedSigner(null, null, "https://a.example.com"));
        assertThat(denials.denies(ALICE)).isFalse();
        assertThat(denials.denies(KEY)).isFalse();
        assertThat(of("x", null)).isEqualTo(Denials.NONE);
        assertThat(of("x", new Deny(null, null))).isEqualTo(Denials.NONE);
    }

    @Test
    void ofSeveralPoliciesAllHoldAndTheFirstIsNamed() {
        String digest = "sha256:" + HEX;
        Denials all = of("a", new Deny(List.of(digest), null))
                .and(of(
                        "b",
                        new Deny(
                                List.of(digest, "sha256:" + "0".repeat(64)),
                                List.of(new DeniedSigner(digest, null, null)))));
        assertThat(all.deniedBy(new Digest(HEX)).map(Policy.Id::name)).contains("a");
        assertThat(all.deniedBy(new Digest("0".repeat(64))).map(Policy.Id::name))
                .contains("b");
        assertThat(all.deniedBy(new Digest("1".repeat(64)))).isEmpty();
        assertThat(all.denies(KEY)).isTrue();
    }

    private static Denials counted(String name, long generation, int pods) {
        TrustPolicy policy = policy(name, new Deny(List.of("sha256:" + HEX), null));
        policy.setStatus(new TrustPolicyStatus(generation, null, null, pods, null));
        return Denials.of(policy);
    }

    private static Denials.Denial only(Denials denials) {
        return denials.digests().get("sha256:" + HEX);
    }

    @Test
    void upToTenPodsAreQuarantinedUnaskedOnceThatIsStored() {
        assertThat(only(of("denied", new Deny(List.of("sha256:" + HEX), null))).isInForce(1))
                .as("not counted yet")
                .isFalse();
        assertThat(only(counted("denied", 2, 1)).isInForce(1))
                .as("counted for another generation")
                .isFalse();
        assertThat(only(counted("denied", 1, 10)).isInForce(10)).isTrue();
        assertThat(only(counted("denied", 1, 10)).isInForce(11))
                .as("more than were counted")
                .isFalse();
    }

    @Test
    void moreThanTenWaitAlsoWhenFewerAreLeft() {
        assertThat(only(counted("denied", 1, 11)).isInForce(10)).isFalse();
        assertThat(only(counted("denied", 1, 11)).isOverTheCap(0)).isTrue();
        assertThat(only(counted("denied", 1, 10)).isOverTheCap(10)).isFalse();
        assertThat(only(of("denied", new Deny(List.of("sha256:" + HEX), null))).isOverTheCap(11))
                .as("not stored yet")
                .isTrue();
    }

    @Test
    void aDenialThatWaitsHoldsUpNoOtherOfTheSameDigest() {
        for (Denials all : List.of(
                counted("many", 1, 11).and(counted("few", 1, 3)),
                counted("few", 1, 3).and(counted("many", 1, 11)))) {
            assertThat(only(all).policy()).isEqualTo("few");
        }
    }
}
