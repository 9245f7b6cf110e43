package dev.cleanroom.operator.trust.sigstore;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A signed tree head: a note (C2SP, signed-note) whose text is a checkpoint (C2SP, tlog-checkpoint). Signatures of
 * others than the log, such as witnesses, are ignored.
 *
 * @param signed the text up to and with the newline before the empty line
 */
record Checkpoint(String origin, long treeSize, byte[] root, byte[] signed, List<Line> signatures) {
    static final int MAX_BYTES = 64 << 10;
    static final int MAX_SIGNATURES = 20;
    static final int HINT_BYTES = 4;

    private static final String SIGNATURE = "\u2014 ";

    /** One signature: the name of its signer, a hint at the key, and the bytes. */
    record Line(String name, byte[] hint, byte[] signature) {}

    static Checkpoint parse(byte[] note) throws Refusal {
        if (note.length > MAX_BYTES) {
            throw malformed("it is longer than " + MAX_BYTES + " bytes");
        }
        String text = new String(note, StandardCharsets.UTF_8);
        int end = text.indexOf("\n\n");
        if (end < 0) {
            throw malformed("it has no empty line before its signatures");
        }
        String[] head = text.substring(0, end).split("\n", -1);
        if (head.length < 3 || head[0].isEmpty()) {
            throw malformed("it must begin with three lines: origin, size and root");
        }
        var signatures = new ArrayList<Line>();
        for (String line : text.substring(end + 2).split("\n", MAX_SIGNATURES + 2)) {
            if (!line.isEmpty()) {
                signatures.add(line(line));
            }
        }
        if (signatures.size() > MAX_SIGNATURES) {
            throw malformed("it has more than " + MAX_SIGNATURES + " signatures");
        }
        byte[] root = Json.decode(head[2]).orElseThrow(() -> malformed("its root is not base64"));
        byte[] signed = text.substring(0, end + 1).getBytes(StandardCharsets.UTF_8);
        return new Checkpoint(head[0], size(head[1]), root, signed, signatures);
    }

    private static Line line(String line) throws Refusal {
        int space = line.lastIndexOf(' ');
        if (!line.startsWith(SIGNATURE) || space < SIGNATURE.length()) {
            throw malformed("one of its signature lines is not valid");
        }
        byte[] bytes = Json.decode(line.substring(space + 1))
                .filter(all -> all.length > HINT_BYTES)
                .orElseThrow(() -> malformed("one of its signatures is not a hint and a signature in base64"));
        return new Line(
                line.substring(SIGNATURE.length(), space),
                Arrays.copyOf(bytes, HINT_BYTES),
                Arrays.copyOfRange(bytes, HINT_BYTES, bytes.length));
    }

    private static long size(String text) throws Refusal {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw malformed("its size is not a number");
        }
    }

    /** Checks that the log signed the checkpoint, and that it is for this tree. */
    void mustBeBy(TrustRoot.Log log, LogEntry.Proof proof) throws Refusal {
        if (treeSize != proof.treeSize() || !MessageDigest.isEqual(root, proof.root())) {
            throw Refusal.rejected(
                    RejectionCode.CheckpointMismatch, "the checkpoint is for another tree than the inclusion proof");
        }
        Set<String> names = names(log);
        byte[] hint = Arrays.copyOf(log.id(), HINT_BYTES);
        List<Line> candidates = signatures.stream()
                .filter(line -> names.contains(line.name()) && Arrays.equals(hint, line.hint()))
                .filter(line -> origin.equals(line.name()) || origin.startsWith(line.name() + " - "))
                .toList();
        if (candidates.isEmpty()) {
            throw Refusal.rejected(
                    RejectionCode.CheckpointNotByLog,
                    "the checkpoint has no signature with the name and key of " + log.address());
        }
        if (candidates.stream().noneMatch(line -> log.key().verifies(signed, line.signature()))) {
            throw Refusal.rejected(
                    RejectionCode.CheckpointSignatureInvalid, "the log's signature of the checkpoint is not valid");
        }
    }

    /** The name of a log is its address without the scheme; for older logs, the host alone. */
    private static Set<String> names(TrustRoot.Log log) {
        var address = log.address();
        String path = address.getPath() == null ? "" : address.getPath().replaceAll("/+$", "");
        String host = address.getHost() == null ? address.getRawAuthority() : address.getHost();
        return Set.copyOf(List.of(host, address.getRawAuthority(), address.getRawAuthority() + path));
    }

    private static Refusal malformed(String message) {
        return Refusal.rejected(RejectionCode.CheckpointMalformed, "the checkpoint is malformed: " + message);
    }
}
