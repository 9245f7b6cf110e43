package dev.cleanroom.operator.trust.sigstore;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The log entries and timestamps of a signature, all verified. */
public record LogsAndTimestamps(List<TransparencyLogs.Inclusion> logs, List<Timestamps.TrustedTime> timestamps) {
    public static final LogsAndTimestamps NONE = new LogsAndTimestamps(List.of(), List.of());

    /** How far the clocks of logs and authorities may be ahead of this machine's clock. */
    public static final Duration MAX_SKEW = Duration.ofMinutes(5);

    public LogsAndTimestamps {
        logs = List.copyOf(logs);
        timestamps = List.copyOf(timestamps);
    }

    /** The last checks of every signature, in whichever format. The first that fails decides the result. */
    public VerificationResult.Accepted accepted(
            Expectation.Witnesses wanted, Credential credential, Optional<Statement> statement, Instant now)
            throws Refusal {
        List<Instant> times = times();
        mustHave(wanted);
        credential.mustBeValidAt(times);
        mustHold(now);
        return new VerificationResult.Accepted(credential.signer(times), entries(), times, statement);
    }

    private List<Instant> times() {
        return Stream.concat(
                        logs.stream().flatMap(seen -> seen.time().stream()),
                        timestamps.stream().map(Timestamps.TrustedTime::time))
                .toList();
    }

    private List<VerificationResult.LoggedEntry> entries() {
        return logs.stream()
                .map(seen ->
                        new VerificationResult.LoggedEntry(seen.log().address().toString(), seen.index()))
                .toList();
    }

    /** Checks that there are enough distinct logs and authorities. The same one counts once. */
    private void mustHave(Expectation.Witnesses wanted) throws Refusal {
        if (entries().stream().distinct().count() < logs.size()) {
            throw Refusal.rejected(RejectionCode.EntryDuplicate, "the same log entry appears twice");
        }
        long distinctLogs =
                logs.stream().map(seen -> seen.log().address()).distinct().count();
        if (distinctLogs < wanted.logs()) {
            throw Refusal.rejected(
                    RejectionCode.EntryMissing,
                    "the signature is in " + distinctLogs + " transparency logs of the trust root, and must be in "
                            + wanted.logs());
        }
        long distinctAuthorities = timestamps.stream()
                .map(Timestamps.TrustedTime::authority)
                .map(X509Certificate::getPublicKey)
                .distinct()
                .count();
        if (distinctAuthorities < wanted.timestamps()) {
            throw Refusal.rejected(
                    RejectionCode.TimestampMissing,
                    "the signature has timestamps of " + distinctAuthorities
                            + " authorities of the trust root, and must have " + wanted.timestamps());
        }
    }

    /** Checks that each log was valid at the time of its entry, and that no time is in the future. */
    private void mustHold(Instant now) throws Refusal {
        List<Instant> stamped =
                timestamps.stream().map(Timestamps.TrustedTime::time).toList();
        for (TransparencyLogs.Inclusion seen : logs) {
            seen.mustBeValidAt(stamped);
        }
        for (Instant time : times()) {
            if (time.isAfter(now.plus(MAX_SKEW))) {
                throw Refusal.rejected(
                        RejectionCode.TimeInFuture,
                        "the signature has the time " + time + ", which is in the future: it is now " + now);
            }
        }
    }
}
