package dev.cleanroom.operator.e2e;

import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.sample.Sampled;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Of environments that no suspicion falls on: see {@link Cuts}. */
@LabTest
@Tag("crash")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@Sampled
class CrashAtEveryWriteTest {
    @Test
    void everyCutEndsAsNone(Lab lab) throws InterruptedException {
        try (Cuts cuts = new Cuts(lab, 1)) {
            List<Reference> references = Stream.of(
                            Lives.agent(lab.buildClass(Map.of())),
                            Lives.task(lab.buildClass(Map.of())),
                            Lives.waiting(lab.buildClass(Map.of("lab.cleanroom.dev/never-start", "true"))))
                    .map(cuts::reference)
                    .toList();
            cuts.allEndAs(references);
        }
    }
}
