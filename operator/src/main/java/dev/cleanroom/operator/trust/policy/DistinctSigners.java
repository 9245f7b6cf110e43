package dev.cleanroom.operator.trust.policy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts to how many authorities a signer can be assigned so that no signer is assigned twice: a maximum matching, by
 * augmenting paths (Berge 1957). Therefore one key under two names, or one identity in two authorities, counts once. A
 * person with both a key and an identity counts twice: a signature does not show that they belong together.
 */
final class DistinctSigners<A, S> {
    private final Map<A, Set<S>> signed;
    private final Map<S, A> taken = new HashMap<>();

    private DistinctSigners(Map<A, Set<S>> signed) {
        this.signed = signed;
    }

    static <A, S> int count(Map<A, Set<S>> signed) {
        var matching = new DistinctSigners<>(signed);
        int count = 0;
        for (A authority : signed.keySet()) {
            if (matching.place(authority, new HashSet<>())) {
                count++;
            }
        }
        return count;
    }

    private boolean place(A authority, Set<S> tried) {
        for (S signer : signed.getOrDefault(authority, Set.of())) {
            if (tried.add(signer)) {
                A holder = taken.get(signer);
                if (holder == null || place(holder, tried)) {
                    taken.put(signer, authority);
                    return true;
                }
            }
        }
        return false;
    }
}
