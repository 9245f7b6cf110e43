package dev.cleanroom.operator.incident.status;

import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.operator.pod.NodeClock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What happened, each step once, sorted by time. A recorded entry stays as it is. The number of entries is bounded,
 * because the set of steps is fixed.
 */
public final class Timeline {
    public static final String ISOLATED = "Isolated";
    public static final String CLOSED = "Closed";

    private static final int MOST_ENTRIES = 64;
    private static final int MAX_DETAIL_LENGTH = 1_024;
    private static final String OBSERVED = " (observed)";

    private final List<TimelineEntry> entries;
    private final Instant now;

    /**
     * What happened.
     *
     * @param at when; empty if only the time at which it was observed is known
     */
    record Step(String name, String detail, Optional<Instant> at) {
        static Step observed(String name, String detail) {
            return new Step(name, detail, Optional.empty());
        }
    }

    Timeline(@Nullable List<TimelineEntry> stored, Instant now) {
        this.entries = new ArrayList<>(stored == null ? List.of() : stored);
        this.now = now;
    }

    boolean has(String step) {
        return entries.stream().anyMatch(entry -> entry.step().equals(step));
    }

    void add(Step step) {
        if (has(step.name()) || entries.size() >= MOST_ENTRIES) {
            return;
        }
        // A node and a storage driver have clocks of their own.
        Optional<Instant> at = step.at().filter(time -> !time.isAfter(now.plus(NodeClock.TOLERANCE)));
        String mark = at.isPresent() ? "" : OBSERVED;
        int room = MAX_DETAIL_LENGTH - mark.length();
        String detail =
                step.detail().length() <= room ? step.detail() : step.detail().substring(0, room);
        entries.add(new TimelineEntry(
                step.name(), at.orElse(now.truncatedTo(ChronoUnit.MILLIS)).toString(), detail + mark));
    }

    /** Entries with the same time keep the order in which they were recorded. */
    List<TimelineEntry> entries() {
        return entries.stream()
                .sorted(Comparator.comparing(entry -> Instant.parse(entry.time())))
                .toList();
    }
}
