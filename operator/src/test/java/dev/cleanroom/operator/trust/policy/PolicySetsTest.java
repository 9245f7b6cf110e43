package dev.cleanroom.operator.trust.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A decision is used as long as the fingerprint stays: whatever decides must change it, and nothing else should. */
class PolicySetsTest extends Judging {
    private final PolicySets sets = new PolicySets();
    private final TrustPolicy byKey = policy(byKey("release", release));
    private final TrustPolicy byRoot = Policies.named("root", IMAGES + "authorities: [" + ci() + "]\n");

    private PolicySet now(TrustPolicy... policies) {
        return sets.of(List.of(policies), configMaps());
    }

    @Test
    void nothingChangedIsTheSameSet() {
        PolicySet first = now(byKey, byRoot);
        assertThat(now(byKey, byRoot)).isSameAs(first);
        assertThat(now(byRoot, byKey)).as("in another order").isSameAs(first);
        TrustPolicy told = policy(byKey("release", release));
        told.setStatus(new TrustPolicyStatus(1L, List.of(), null, null, null));
        told.getMetadata().setResourceVersion("2");
        assertThat(now(told, byRoot)).as("the status decides nothing").isSameAs(first);
        assertThat(new PolicySets().of(List.of(byKey, byRoot), configMaps()).fingerprint())
                .as("another replica")
                .isEqualTo(first.fingerprint());
    }

    @Test
    void howManyPodsAreDeniedIsReadAgainAndChangesNoDecisionOnAnImage() {
        TrustPolicy denying = Policies.named("denied", "deny: {digests: [\"sha256:" + "0".repeat(64) + "\"]}");
        PolicySet first = now(denying);
        TrustPolicy counted = Policies.named("denied", "deny: {digests: [\"sha256:" + "0".repeat(64) + "\"]}");
        counted.setStatus(new TrustPolicyStatus(1L, List.of(), null, 11, null));
        assertThat(now(counted).denials().digests().values())
                .singleElement()
                .satisfies(denial -> assertThat(denial.pods()).isEqualTo(11));
        assertThat(now(counted).fingerprint()).isEqualTo(first.fingerprint());
    }

    @Test
    void anotherGenerationIsAnotherSet() {
        String first = now(byKey).fingerprint();
        TrustPolicy changed = policy(byKey("release", security));
        changed.getMetadata().setGeneration(2L);
        assertThat(now(changed).fingerprint()).isNotEqualTo(first);
        assertThat(now(changed).matching(MAVEN).getFirst().id().generation()).isEqualTo(2);
    }

    /** Deleted and made again it starts at generation 1. */
    @Test
    void anotherPolicyOfTheNameIsAnotherSet() {
        String first = now(byKey).fingerprint();
        TrustPolicy again = policy(byKey("release", security));
        again.getMetadata().setUid("another");
        assertThat(now(again).fingerprint()).isNotEqualTo(first);
    }

    @Test
    void onePolicyMoreOrLessIsAnotherSet() {
        PolicySet both = now(byKey, byRoot);
        PolicySet one = now(byKey);
        assertThat(one.fingerprint()).isNotEqualTo(both.fingerprint());
        assertThat(now().fingerprint()).isNotEqualTo(one.fingerprint());
        assertThat(now().matching(MAVEN)).isEmpty();
    }

    @Test
    void newBytesInAConfigMapAreAnotherSet() {
        PolicySet before = now(byRoot);
        trustRoot = trustRoot + " ";
        PolicySet after = now(byRoot);
        assertThat(after).isNotSameAs(before);
        assertThat(after.fingerprint()).isNotEqualTo(before.fingerprint());
    }

    @Test
    void anotherKeyInAConfigMapIsAnotherSet() {
        TrustPolicy policy = policy("{name: release, key: {configMapRef: {name: root, key: cosign.pub}}}");
        trustRoot = pem(release);
        PolicySet before = now(policy);
        trustRoot = pem(security);
        assertThat(now(policy).fingerprint()).isNotEqualTo(before.fingerprint());
    }

    @Test
    void aConfigMapThatComesAndGoesIsNoticed() {
        PolicySet before = now(byRoot);
        PolicySet gone = sets.of(List.of(byRoot), ConfigMaps.NONE);
        assertThat(gone.unusableMatching(MAVEN))
                .hasValueSatisfying(unusable -> assertThat(unusable.message()).contains("no ConfigMap root"));
        assertThat(gone.fingerprint()).isNotEqualTo(before.fingerprint());
        assertThat(now(byRoot).fingerprint()).isEqualTo(before.fingerprint());
    }

    /** A broken one's denials hold, so a change of them must not meet an answer from before. */
    @Test
    void aBrokenPolicyCountsToo() {
        TrustPolicy broken = Policies.named("broken", IMAGES + "authorities: [{name: a, key: {pem: x}}]\n");
        String first = now(byKey, broken).fingerprint();
        assertThat(first).isNotEqualTo(now(byKey).fingerprint());
        broken.getMetadata().setGeneration(2L);
        assertThat(now(byKey, broken).fingerprint()).isNotEqualTo(first);
    }

    @Test
    void denialsOfAllPoliciesAreAboutEveryImage() {
        String digest = "sha256:" + "1".repeat(64);
        TrustPolicy denied = Policies.named("denied", "deny: {digests: [\"" + digest + "\"]}\n");
        assertThat(now(byKey, denied).denials().digests().get(digest).policy()).isEqualTo("denied");
    }

    @Test
    void oneReadsAgainWhatChangedWhileItWasRead() {
        String other = new PrivateSigstore().trustRootJson().toString();
        PolicySet before = now(byRoot);
        int[] asked = {0};
        PolicySet mixed =
                sets.of(List.of(byRoot), (name, key) -> Optional.of(asked[0]++ == 0 ? trustRoot + " " : other));
        trustRoot = other;
        assertThat(now(byRoot).fingerprint()).isEqualTo(mixed.fingerprint()).isNotEqualTo(before.fingerprint());
    }
}
