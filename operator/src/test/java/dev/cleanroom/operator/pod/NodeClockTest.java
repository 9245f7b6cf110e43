package dev.cleanroom.operator.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeClockTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

    @ParameterizedTest
    @CsvSource({"2025-12-31T23:59:00Z", "2026-01-01T00:30:00Z", "2026-01-01T01:01:00Z"})
    void aTimeThatCanBeIsNoProblem(Instant ended) {
        assertThat(NodeClock.problem(CREATED, ended, NOW)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    2025-12-31T23:58:59Z | , before the pod was created
                    2026-01-01T01:01:01Z | , which is in the future
                    """)
    void aTimeThatCannotBeIsReported(Instant ended, String why) {
        assertThat(NodeClock.problem(CREATED, ended, NOW))
                .contains("the clock of its node is wrong: it says that the pod ended at " + ended + why);
    }
}
