package dev.cleanroom.operator.trust.sigstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.sample.Sampled;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every field of a right bundle is changed and taken away, one at a time: none is accepted, and each for its reason. */
@Sampled
class MutantsTest {
    private static final PrivateSigstore SIGSTORE = new PrivateSigstore();

    /** Shapes of bundles, between them everything that is verified. */
    static List<Specimen> shapes() {
        return OurSpecimens.of(SIGSTORE);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void noFieldCanBeChangedOrTakenAway(Specimen right) {
        assertThat(right.code(right.json())).isEqualTo("Accepted");
        MutantRules.mutants(right).forEach(mutant -> MutantRules.mustHold(right, mutant));
    }

    @Test
    void noPrefixOfABundleIsABundle() {
        Specimen right = shapes().getFirst();
        byte[] bytes = Signing.bytes(right.json());
        for (int length = 0; length < bytes.length; length += 7) {
            assertThat(new Verifying(SIGSTORE)
                            .code(Arrays.copyOf(bytes, length), right.given().expectation()))
                    .isEqualTo("BundleMalformed");
        }
    }
}
