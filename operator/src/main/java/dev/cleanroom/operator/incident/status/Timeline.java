package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was done, each step once, in the order it was seen. Bounded: steps are a fixed set, and so is their number. */
final class Timeline {
    private static final int MOST_ENTRIES = 64;
    private static final int MAX_DETAIL_LENGTH = 1_024;

    private final List<TimelineEntry> entries;
    private final Instant now;

    Timeline(@Nullable List<TimelineEntry> stored, Instant now) {
        this.entries = new ArrayList<>(stored == null ? List.of() : stored);
        this.now = now;
    }

    boolean has(String step) {
        return entries.stream().anyMatch(entry -> entry.step().equals(step));
    }

    void add(String step, String detail) {
        if (!has(step) && entries.size() < MOST_ENTRIES) {
            entries.add(new TimelineEntry(
                    step,
                    now.truncatedTo(ChronoUnit.MILLIS).toString(),
                    detail.length() <= MAX_DETAIL_LENGTH ? detail : detail.substring(0, MAX_DETAIL_LENGTH)));
        }
    }

    List<TimelineEntry> entries() {
        return List.copyOf(entries);
    }
}
