package dev.cleanroom.operator.trust.sigstore;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Who saw a signature, and when: all of it verified. */
public record Evidence(List<TransparencyLogs.Seen> logs, List<Timestamps.Seen> timestamps) {
    public static final Evidence NONE = new Evidence(List.of(), List.of());

    /** By how much the clocks of logs and authorities may be ahead of ours. */
    public static final Duration MAX_SKEW = Duration.ofMinutes(5);

    public Evidence {
        logs = List.copyOf(logs);
        timestamps = List.copyOf(timestamps);
    }

    public List<Instant> times() {
        return Stream.concat(
                        logs.stream().flatMap(seen -> seen.time().stream()),
                        timestamps.stream().map(Timestamps.Seen::time))
                .toList();
    }

    public List<Verdict.LoggedEntry> entries() {
        return logs.stream()
                .map(seen -> new Verdict.LoggedEntry(seen.log().address().toString(), seen.index()))
                .toList();
    }

    /** One log twice, or one authority twice, is one witness. */
    public void mustHave(Expectation.Witnesses wanted) throws Refusal {
        if (entries().stream().distinct().count() < logs.size()) {
            throw Refusal.rejected(RejectionCode.EntryDuplicate, "one log entry is there twice");
        }
        long distinctLogs =
                logs.stream().map(seen -> seen.log().address()).distinct().count();
        if (distinctLogs < wanted.logs()) {
            throw Refusal.rejected(
                    RejectionCode.EntryMissing,
                    "the signature is in " + distinctLogs + " transparency logs, and must be in " + wanted.logs());
        }
        long distinctAuthorities = timestamps.stream()
                .map(Timestamps.Seen::authority)
                .map(X509Certificate::getPublicKey)
                .distinct()
                .count();
        if (distinctAuthorities < wanted.timestamps()) {
            throw Refusal.rejected(
                    RejectionCode.TimestampMissing,
                    "the signature has timestamps of " + distinctAuthorities + " authorities, and must have "
                            + wanted.timestamps());
        }
    }

    /** Every log was valid when it spoke, and nothing was seen later than now. */
    public void mustHold(Instant now) throws Refusal {
        List<Instant> stamped = timestamps.stream().map(Timestamps.Seen::time).toList();
        for (TransparencyLogs.Seen seen : logs) {
            seen.mustBeValidAt(stamped);
        }
        for (Instant time : times()) {
            if (time.isAfter(now.plus(MAX_SKEW))) {
                throw Refusal.rejected(
                        RejectionCode.TimeInFuture, "the signature was seen at " + time + ", and now is " + now);
            }
        }
    }
}
