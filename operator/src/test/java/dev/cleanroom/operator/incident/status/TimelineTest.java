package dev.cleanroom.operator.incident.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.operator.incident.status.Timeline.Step;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:10.123456Z");

    private static Step at(String time, String name) {
        return new Step(name, "it", Optional.of(Instant.parse(time)));
    }

    @Test
    void aStepHasTheTimeAtWhichItHappenedOrSaysThatItWasObserved() {
        var timeline = new Timeline(null, NOW);
        timeline.add(at("2026-01-01T00:00:01Z", "Opened"));
        timeline.add(at("2026-01-01T00:00:02.000000042Z", "SnapshotCut"));
        timeline.add(Step.observed("SnapshotReady", "it can be restored from"));
        assertThat(timeline.entries())
                .containsExactly(
                        new TimelineEntry("Opened", "2026-01-01T00:00:01Z", "it"),
                        new TimelineEntry("SnapshotCut", "2026-01-01T00:00:02.000000042Z", "it"),
                        new TimelineEntry(
                                "SnapshotReady", "2026-01-01T00:00:10.123Z", "it can be restored from (observed)"));
    }

    @Test
    void whatIsLearntLateStandsWhereItHappened() {
        var timeline = new Timeline(List.of(new TimelineEntry("Replaced", "2026-01-01T00:00:05Z", "it")), NOW);
        timeline.add(at("2026-01-01T00:00:03Z", "SnapshotCut"));
        timeline.add(at("2026-01-01T00:00:05Z", "Closed"));
        assertThat(timeline.entries())
                .extracting(TimelineEntry::step)
                .containsExactly("SnapshotCut", "Replaced", "Closed");
    }

    /** Or status would be written for ever. */
    @Test
    void whatIsRecordedStays() {
        var first = new Timeline(null, NOW);
        first.add(Step.observed("SnapshotReady", "it"));
        first.add(at("2026-01-01T00:00:05Z", "Closed"));
        var later = new Timeline(first.entries(), NOW.plusSeconds(60));
        later.add(Step.observed("SnapshotReady", "it"));
        later.add(at("2026-01-01T00:00:07Z", "Closed"));
        assertThat(later.entries()).isEqualTo(first.entries());
    }

    @Test
    void aLongDetailIsCutAndStillSaysThatItWasObserved() {
        var timeline = new Timeline(null, NOW);
        timeline.add(Step.observed("SnapshotFailed", "x".repeat(5_000)));
        assertThat(timeline.entries().getFirst().detail()).hasSize(1_024).endsWith("x (observed)");
    }
}
