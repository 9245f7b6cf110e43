package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Verifies that a log of the trust root has an entry, and since when. */
public record TransparencyLogs(List<TrustRoot.Log> logs) {

    /**
     * A verified entry of a log.
     *
     * @param time when the log promised to include it; empty if the log makes no promises, as Rekor v2
     */
    public record Inclusion(TrustRoot.Log log, long index, Optional<Instant> time) {

        /** @param others other trusted times of the signature, for a log that has none */
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
     * Verifies the promise and the inclusion proof, if present. The version of the bundle decides which of them is
     * required.
     *
     * @throws Refusal when either is not valid
     */
    Inclusion verify(LogEntry entry) throws Refusal {
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
        // Without a promise the entry's own index is not signed.
        long index = entry.promise().isPresent()
                ? entry.index()
                : entry.proof().map(LogEntry.Proof::index).orElse(entry.index());
        return new Inclusion(log, index, entry.promise().map(promise -> entry.promisedTime()));
    }

    /** An id stands for one key. {@link Inclusion#mustBeValidAt} checks the time. */
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
     * Verifies a promise of the log without an inclusion proof, as legacy signatures have it.
     *
     * @param time seconds since 1970
     * @throws Refusal when the log is unknown or did not promise this
     */
    public Inclusion promised(byte[] logId, byte[] body, long time, long index, byte[] promise) throws Refusal {
        TrustRoot.Log log = log(logId);
        mustPromise(log, body, time, index, promise);
        return new Inclusion(log, index, Optional.of(Instant.ofEpochSecond(time)));
    }

    /**
     * Verifies the signed entry timestamp. It is over canonical JSON (RFC 8785) of four fields that need no escapes.
     */
    private static void mustPromise(TrustRoot.Log log, byte[] body, long time, long index, byte[] promise)
            throws Refusal {
        String promised = "{\"body\":\"" + Base64.getEncoder().encodeToString(body) + "\",\"integratedTime\":" + time
                + ",\"logID\":\"" + HexFormat.of().formatHex(log.id()) + "\",\"logIndex\":" + index + "}";
        if (!log.key().verifies(promised.getBytes(StandardCharsets.UTF_8), promise)) {
            throw Refusal.rejected(
                    RejectionCode.PromiseInvalid, "the log's signed entry timestamp is not valid for this entry");
        }
    }

    private static void mustInclude(TrustRoot.Log log, LogEntry entry, LogEntry.Proof proof) throws Refusal {
        // Rekor v2 has no promises and no shards, so both indexes are the same. In v1 each shard has its own index.
        if (entry.promise().isEmpty() && entry.integratedTime() == 0 && entry.index() != proof.index()) {
            throw Refusal.rejected(
                    RejectionCode.InclusionProofInvalid, "the entry's index is not the index in the inclusion proof");
        }
        if (!InclusionProof.holds(entry.body(), proof)) {
            throw Refusal.rejected(
                    RejectionCode.InclusionProofInvalid, "the inclusion proof does not lead to the root of the tree");
        }
        if (proof.checkpoint().isPresent()) {
            Checkpoint.parse(proof.checkpoint().get()).mustBeBy(log, proof);
        }
    }
}
