package dev.cleanroom.operator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.e2e.LifeRun.Outcome;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.SnapshotApi;
import dev.cleanroom.operator.sample.Sampled;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The life of a pod under suspicion: see {@link Cuts}. */
@LabTest
@Tag("crash")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@Sampled
class CrashOfASuspectsLifeTest {
    /** The stage's number in the life of a suspect. */
    private static final int QUARANTINE = 1;

    /** Without the mutating policy the cut-off itself is a write of the operator's, and can be cut like any other. */
    @Test
    void everyCutEndsAsNoneAndAsWithTheMutatingPolicy(Lab lab) throws InterruptedException {
        SnapshotApi.install(lab).snapshotClass("keeps", "Retain");
        Life suspect = Lives.suspect(lab.buildClass(Map.of()));
        try (Cuts cuts = new Cuts(lab, 2)) {
            Reference with = cuts.reference(suspect);
            // The policy acts on the annotation alone.
            with.state(QUARANTINE);
            lab.withdrawMutatingQuarantine();
            Reference without = cuts.reference(suspect);
            cuts.allEndAs(List.of(without));
            assertThat(withoutRequester(without.outcome())).isEqualTo(withoutRequester(with.outcome()));
            assertThat(writesToPods(without.outcome())).isEqualTo(writesToPods(with.outcome()) + 1);
        }
    }

    /** Of statuses there may be one more or less: two steps may be told in one write. */
    private static long writesToPods(Outcome outcome) {
        return outcome.writes().stream()
                .filter(write -> write.path().contains("/pods"))
                .count();
    }

    /** Who asked is told by the API server, and recorded by the policy alone. */
    private static List<Map<String, String>> withoutRequester(Outcome outcome) {
        return outcome.states().stream()
                .map(state -> {
                    Map<String, String> without = new TreeMap<>(state);
                    without.replaceAll((object, json) -> json.replaceAll(" \\(asked by [^)]*\\)", "")
                            .replaceAll("\\s*\"(requestedBy|cleanroom.dev/quarantined-by)\" : \"[^\"]*\",?", "")
                            .replaceAll(",(\\s*})", "$1"));
                    return without;
                })
                .toList();
    }
}
