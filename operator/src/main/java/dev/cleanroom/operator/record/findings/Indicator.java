package dev.cleanroom.operator.record.findings;

import java.util.List;

/** One rule about what went into a build. */
interface Indicator {
    /** @return what it found, in any order */
    List<Found> judge(Comparison comparison);
}
