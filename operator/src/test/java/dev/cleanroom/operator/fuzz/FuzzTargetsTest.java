package dev.cleanroom.operator.fuzz;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each target holds for its seeds, and for what is left when they are cut short. */
class FuzzTargetsTest {
    static List<FuzzTarget> targets() {
        return FuzzTarget.all();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void holdsForItsSeeds(FuzzTarget target) throws Exception {
        for (byte[] seed : target.seeds()) {
            target.run(seed);
            for (int length = 0; length < seed.length; length += 1 + seed.length / 50) {
                target.run(Arrays.copyOf(seed, length));
            }
        }
    }
}
