package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.registry.Credentials;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** One answer serves all who ask the same, a fault too, for a while. */
class KeptDecisionsTest extends Deciding {
    /** An answer wakes those who wait, and they ask again: if a fault were not kept, they would ask again and again. */
    @Test
    void aFaultIsAnAnswerForAWhile() {
        int[] reads = {0};
        secrets = tenant -> {
            reads[0]++;
            throw new IllegalStateException("a fault");
        };
        PolicySet policies = Policies.set(policy());
        ImageDecision first = decide(":3.9", NOBODY, policies);
        assertThat(first)
                .isEqualTo(new ImageDecision.Unresolved(
                        "VerifierFailed",
                        "the verification failed with java.lang.IllegalStateException, which is a bug in Cleanroom: please"
                                + " report it"));
        assertThat(decide(":3.9", NOBODY, policies)).isEqualTo(first);
        assertThat(reads[0]).isEqualTo(1);
        assertThat(told).containsExactly(first);
        secrets = tenant -> new PullSecretSource.PullCredentials.Readable(Credentials.NONE);
        setting.clock.advance(ImageVerifier.ASKED_AGAIN_AFTER);
        assertThat(decide(policies)).isEqualTo("Accepted");
    }

    @Test
    void aRefusalOfTheExecutorIsAnAnswerToo() {
        ImageVerifier refused = verifier(task -> {
            throw new RejectedExecutionException("shut down");
        });
        assertThat(outcome(refused.decide(request(":3.9", NOBODY, Policies.set(policy())))
                        .join()))
                .isEqualTo("VerifierFailed?");
    }

    @Test
    void oneDigestIsVerifiedOnceHoweverItIsNamed() {
        PolicySet policies = Policies.set(policy());
        serve("latest", IMAGE);
        for (String reference : List.of(":3.9", ":latest", "@" + DIGEST, ":3.9@" + DIGEST)) {
            assertThat(outcome(decide(reference, NOBODY, policies))).isEqualTo("Accepted");
        }
        assertThat(asked(REFERRERS)).isEqualTo(1);
    }
}
