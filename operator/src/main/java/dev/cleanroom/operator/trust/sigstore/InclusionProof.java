package dev.cleanroom.operator.trust.sigstore;

import java.security.MessageDigest;

/** Verifies that an entry is in a Merkle tree (RFC 9162, section 2.1.3.2). */
final class InclusionProof {
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private InclusionProof() {}

    static boolean holds(byte[] entry, LogEntry.Proof proof) {
        if (proof.index() >= proof.treeSize()) {
            return false;
        }
        long node = proof.index();
        long last = proof.treeSize() - 1;
        byte[] hash = hash(LEAF, entry);
        for (byte[] sibling : proof.hashes()) {
            if (last == 0) {
                return false; // longer than the path to the root
            }
            if ((node & 1) == 1 || node == last) {
                hash = hash(NODE, sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = hash(NODE, hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && MessageDigest.isEqual(hash, proof.root());
    }

    private static byte[] hash(byte kind, byte[]... parts) {
        MessageDigest digest = HashAlgorithm.SHA2_256.digest();
        digest.update(kind);
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }
}
