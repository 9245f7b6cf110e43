package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An entry of a log, as it is in a bundle; nothing in it is verified (sigstore_rekor.proto, TransparencyLogEntry).
 *
 * @param index its index among the entries of all shards of the log
 * @param integratedTime seconds since 1970; must not be used without a verified promise
 * @param promise the log's signature over body, time, log and index: the signed entry timestamp of Rekor v1
 */
record LogEntry(
        long index,
        byte[] logId,
        String kind,
        String version,
        long integratedTime,
        Optional<byte[]> promise,
        Optional<Proof> proof,
        byte[] body) {

    /**
     * A proof that the entry is in a tree.
     *
     * @param index its index in this tree
     * @param checkpoint the signed tree head; without it, anyone could have made the tree
     */
    record Proof(long index, long treeSize, byte[] root, List<byte[]> hashes, Optional<byte[]> checkpoint) {}

    static LogEntry parse(Json entry) throws Refusal {
        Json kind = entry.object("kindVersion");
        Optional<Json> promise = entry.optionalObject("inclusionPromise");
        Optional<Json> proof = entry.optionalObject("inclusionProof");
        return new LogEntry(
                entry.countOrZero("logIndex"),
                entry.object("logId").bytes("keyId"),
                kind.text("kind"),
                kind.text("version"),
                entry.countOrZero("integratedTime"),
                promise.isPresent() ? Optional.of(promise.get().bytes("signedEntryTimestamp")) : Optional.empty(),
                proof.isPresent() ? Optional.of(proof(proof.get())) : Optional.empty(),
                entry.bytes("canonicalizedBody"));
    }

    private static Proof proof(Json proof) throws Refusal {
        Optional<Json> checkpoint = proof.optionalObject("checkpoint");
        return new Proof(
                proof.countOrZero("logIndex"),
                proof.count("treeSize"),
                proof.bytes("rootHash"),
                proof.listOfBytes("hashes", Bundle.MAX_PROOF_HASHES),
                checkpoint.isPresent()
                        ? Optional.of(checkpoint.get().text("envelope").getBytes(StandardCharsets.UTF_8))
                        : Optional.empty());
    }

    Instant promisedTime() {
        return Instant.ofEpochSecond(integratedTime);
    }
}
