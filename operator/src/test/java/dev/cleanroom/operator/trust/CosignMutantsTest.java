package dev.cleanroom.operator.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.sample.Sampled;
import dev.cleanroom.operator.trust.sigstore.MutantRules;
import dev.cleanroom.operator.trust.sigstore.Specimen;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every field of what the real cosign makes is changed and taken away, one at a time: by key and by certificate, logged and
 * stamped, in both formats. None is accepted, and each for its reason.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Sampled
class CosignMutantsTest {
    private List<Specimen> made;

    @BeforeAll
    void make(@TempDir Path home) throws Exception {
        try (var cosign = new CosignSpecimens(home)) {
            made = cosign.all();
        }
    }

    List<Specimen> made() {
        return made;
    }

    @ParameterizedTest
    @MethodSource("made")
    void noFieldCanBeChangedOrTakenAway(Specimen right) {
        assertThat(right.code(right.json())).isEqualTo("Accepted");
        MutantRules.mutants(right).forEach(mutant -> MutantRules.mustHold(right, mutant));
    }
}
