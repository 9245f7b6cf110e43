package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicySpec.DeniedSigner;
import dev.cleanroom.api.v1alpha1.TrustPolicySpec.Deny;
import dev.cleanroom.operator.trust.registry.Digest;
import dev.cleanroom.operator.trust.sigstore.Verdict.Signer;
import java.util.List;
import org.junit.jupiter.api.Test;

class DenialsTest {
    private static final String HEX = "ab".repeat(32);
    private static final Signer KEY = new Signer.Key(HEX);
    private static final Signer ALICE = new Signer.Identity("https://a.example.com", "alice@example.com");

    private static Denials signers(DeniedSigner... signers) {
        return Denials.of("denied", new Deny(null, List.of(signers)));
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
        assertThat(denials.denies(new Signer.Identity("https://b.example.com", "alice@example.com")))
                .isTrue();
        assertThat(denials.denies(new Signer.Identity("https://a.example.com", "alice@example.com.evil.example.net")))
                .isFalse();
        assertThat(denials.denies(KEY)).isFalse();
    }

    @Test
    void aSubjectOfOneIssuer() {
        Denials denials = signers(new DeniedSigner(null, "alice@example.com", "https://a.example.com"));
        assertThat(denials.denies(ALICE)).isTrue();
        assertThat(denials.denies(new Signer.Identity("https://b.example.com", "alice@example.com")))
                .isFalse();
    }

    @Test
    void whatNamesNobodyDeniesNobody() {
        Denials denials = signers(new DeniedSigner(null, null, "https://a.example.com"));
        assertThat(denials.denies(ALICE)).isFalse();
        assertThat(denials.denies(KEY)).isFalse();
        assertThat(Denials.of("x", null)).isEqualTo(Denials.NONE);
        assertThat(Denials.of("x", new Deny(null, null))).isEqualTo(Denials.NONE);
    }

    @Test
    void ofSeveralPoliciesAllHoldAndTheFirstIsNamed() {
        String digest = "sha256:" + HEX;
        Denials all = Denials.of("a", new Deny(List.of(digest), null))
                .and(Denials.of(
                        "b",
                        new Deny(
                                List.of(digest, "sha256:" + "0".repeat(64)),
                                List.of(new DeniedSigner(digest, null, null)))));
        assertThat(all.deniedBy(new Digest(HEX))).contains("a");
        assertThat(all.deniedBy(new Digest("0".repeat(64)))).contains("b");
        assertThat(all.deniedBy(new Digest("1".repeat(64)))).isEmpty();
        assertThat(all.denies(KEY)).isTrue();
    }
}
