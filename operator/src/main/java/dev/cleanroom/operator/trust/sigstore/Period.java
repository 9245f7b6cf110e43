package dev.cleanroom.operator.trust.sigstore;

import java.time.Instant;
import java.util.Optional;

/** A closed interval: {@code TimeRange} of sigstore_common.proto. */
record Period(Instant start, Optional<Instant> end) {
    boolean contains(Instant time) {
        return !time.isBefore(start) && end.map(last -> !time.isAfter(last)).orElse(true);
    }
}
