package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** That a log of the trust root has an entry, and when it took it in. */
public record TransparencyLogs(List<TrustRoot.Log> logs) {

    /**
     * An entry whose place in a log was proven.
     *
     * @param time when the log promised it; empty where it promises nothing, as Rekor v2 does
     */
    public record Seen(TrustRoot.Log log, long index, Optional<Instant> time) {

        /** @param others trusted times of others, for a log that tells none */
        void mustBeValidAt(List<Instant> others) throws Refusal {
            for (Instant at : time.map(List::of).orElse(others)) {
                if (!log.validFor().contains(at)) {
                    throw Refusal.rejected(
                            RejectionCode.LogNotValidAtTime,
                            "the trust root does not trust the log " + log.address() + " for " + at);
                }
            }
        }
    }

    /**
     * The promise, where there is one, and the proof, where there is one. Which of them there must be is the bundle's
     * version to say.
     *
     * @throws Refusal when either does not hold
     */
    Seen see(LogEntry entry) throws Refusal {
        TrustRoot.Log log = log(entry.logId());
        if (entry.promise().isPresent()) {
            mustPromise(
                    log,
                    entry.body(),
                    entry.integratedTime(),
                    entry.index(),
                    entry.promise().get());
        }
        if (entry.proof().isPresent()) {
            mustInclude(log, entry, entry.proof().get());
        }
        // Without a promise nobody signed the entry's own index.
        long index = entry.promise().isPresent()
                ? entry.index()
                : entry.proof().map(LogEntry.Proof::index).orElse(entry.index());
        return new Seen(log, index, entry.promise().map(promise -> entry.promisedTime()));
    }

    /** The one valid at the time of need is chosen by {@link Seen#mustBeValidAt}: an id stands for one key. */
    private TrustRoot.Log log(byte[] id) throws Refusal {
        return logs.stream()
                .filter(log -> Arrays.equals(log.id(), id))
                .findFirst()
                .orElseThrow(() -> Refusal.rejected(
                        RejectionCode.LogUnknown,
                        "the trust root has no log with the id "
                                + Refusal.quote(HexFormat.of().formatHex(id))));
    }

    /**
     * A promise of the log alone, without an entry's proof: what legacy signatures bring.
     *
     * @param time seconds since 1970
     * @throws Refusal when the log is unknown or did not promise this
     */
    public Seen promised(byte[] logId, byte[] body, long time, long index, byte[] promise) throws Refusal {
        TrustRoot.Log log = log(logId);
        mustPromise(log, body, time, index, promise);
        return new Seen(log, index, Optional.of(Instant.ofEpochSecond(time)));
    }

    /** The signed entry timestamp: over canonical JSON (RFC 8785) of four fields that need no escapes. */
    private static void mustPromise(TrustRoot.Log log, byte[] body, long time, long index, byte[] promise)
            throws Refusal {
        String promised = "{\"body\":\"" + Base64.getEncoder().encodeToString(body) + "\",\"integratedTime\":" + time
                + ",\"logID\":\"" + HexFormat.of().formatHex(log.id()) + "\",\"logIndex\":" + index + "}";
        if (!log.key().verifies(promised.getBytes(StandardCharsets.UTF_8), promise)) {
            throw Refusal.rejected(
                    RejectionCode.PromiseInvalid, "the log's signed entry timestamp is not about this entry");
        }
    }

    private static void mustInclude(TrustRoot.Log log, LogEntry entry, LogEntry.Proof proof) throws Refusal {
        // Rekor v2 promises nothing and has no shards: there the two are one. In v1 a shard counts for itself.
        if (entry.promise().isEmpty() && entry.integratedTime() == 0 && entry.index() != proof.index()) {
            throw Refusal.rejected(
                    RejectionCode.InclusionProofInvalid, "the entry's index is not the one that is proven");
        }
        if (!InclusionProof.holds(entry.body(), proof)) {
            throw Refusal.rejected(
                    RejectionCode.InclusionProofInvalid, "the inclusion proof does not lead to the tree's root");
        }
        if (proof.checkpoint().isPresent()) {
            Checkpoint.parse(proof.checkpoint().get()).mustBeBy(log, proof);
        }
    }
}
